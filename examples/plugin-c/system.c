/* Two coupled fields, kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2, as a plugin in plain C: an
 * energy of two components.
 *
 *   cc -std=c11 -O2 -shared -fPIC -Iinclude examples/plugin-c/system.c -o libmovimento_two_fields_c.so -lm
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "movimento_plugin.h"

enum { C = 2 }; /* components */

typedef struct { uint32_t d; double kappa[C], g; } two_fields;

/* First derivatives only: without MOVIMENTO_SECOND_DERIVATIVES the host takes differences. */
static int32_t evaluate(const void *instance, const movimento_system_batch *b, char *message,
                        uint64_t message_size) {
  const two_fields *self = instance;
  if (b->d != self->d || b->c != C) {
    snprintf(message, message_size, "created in dimension %u for %d components", (unsigned)self->d, (int)C);
    return -1;
  }
  for (uint64_t i = 0; i < b->n; i++) {
    const double *u = b->u + i * C, *p = b->p + i * C * b->d, apart = u[0] - u[1];
    double sum = 0.5 * self->g * apart * apart;
    for (uint64_t j = 0; j < C * b->d; j++) { /* [C][d]: entry j is of component j / d */
      const double kappa = self->kappa[j / b->d];
      sum += 0.5 * kappa * p[j] * p[j];
      if (b->f_p) b->f_p[i * C * b->d + j] = kappa * p[j];
    }
    if (b->f) b->f[i] = sum;
    if (b->f_u) b->f_u[i * C] = self->g * apart, b->f_u[i * C + 1] = -self->g * apart;
    for (uint64_t j = 0; b->f_x && j < b->d; j++) b->f_x[i * b->d + j] = 0.0;
  }
  return MOVIMENTO_OK;
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  two_fields *self = malloc(sizeof *self);
  if (index != 0 || !self) {
    snprintf(message, message_size, self ? "there is one energy" : "out of memory");
    free(self);
    return -1;
  }
  *self = (two_fields){.d = dimension, .kappa = {1.0, 1.0}, .g = 1.0};
  for (uint64_t i = 0; i < argument_count; i++) { /* the host has checked names and ranges */
    const double value = arguments[i].values[0];
    if (!strcmp(arguments[i].name, "kappa_u")) self->kappa[0] = value;
    if (!strcmp(arguments[i].name, "kappa_v")) self->kappa[1] = value;
    if (!strcmp(arguments[i].name, "g")) self->g = value;
  }
  *instance = self;
  return MOVIMENTO_OK;
}

static const movimento_parameter parameters[] = {
    {"kappa_u", "diffusivity of u, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY},
    {"kappa_v", "diffusivity of v, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY},
    {"g", "coupling, not negative", MOVIMENTO_REAL, 0, 1.0, 0.0, INFINITY}};
static const char *const extensions[] = {MOVIMENTO_SYSTEM_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "two-fields-c", "Two coupled fields", "1.0.0",
    "kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2", "",
    MOVIMENTO_USES_GRADIENT | MOVIMENTO_CONVEX, 3, sizeof parameters[0], parameters, extensions};
static const movimento_system_table table = {sizeof table, C, evaluate};

static uint32_t descriptor_count(void) { return 1; }
static const movimento_descriptor *descriptor(uint32_t i) { return i == 0 ? &energy : NULL; }
static const void *get_extension(uint32_t i, const char *id) {
  return i == 0 && !strcmp(id, MOVIMENTO_SYSTEM_1) ? &table : NULL;
}

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR, MOVIMENTO_PLUGIN_ABI_MINOR, sizeof movimento_plugin,
    descriptor_count, descriptor, create, free, get_extension};
