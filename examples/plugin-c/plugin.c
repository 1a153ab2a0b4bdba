/* The sine-Gordon energy kappa/2 |grad u|^2 + 1 - cos u as a plugin in plain C.
 *
 *   cc -std=c11 -O2 -shared -fPIC -Iinclude examples/plugin-c/plugin.c -o libmovimento_sine_gordon_c.so -lm
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "movimento_plugin.h"

typedef struct { uint32_t d; double kappa; } sine_gordon;

/* First derivatives only: without MOVIMENTO_SECOND_DERIVATIVES the host takes differences. */
static int32_t evaluate(const void *instance, const movimento_local_batch *b, char *message,
                        uint64_t message_size) {
  const sine_gordon *self = instance;
  if (b->d != self->d) {
    snprintf(message, message_size, "created in dimension %u", (unsigned)self->d);
    return -1;
  }
  for (uint64_t i = 0; i < b->n; i++) {
    const double u = b->u[i], *p = b->p + i * b->d;
    double square = 0.0;
    for (uint64_t j = 0; j < b->d; j++) {
      square += p[j] * p[j];
      if (b->f_p) b->f_p[i * b->d + j] = self->kappa * p[j];
      if (b->f_x) b->f_x[i * b->d + j] = 0.0;
    }
    if (b->f) b->f[i] = 0.5 * self->kappa * square + (1.0 - cos(u));
    if (b->f_u) b->f_u[i] = sin(u);
  }
  return MOVIMENTO_OK;
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  sine_gordon *self = malloc(sizeof *self);
  if (index != 0 || !self) {
    snprintf(message, message_size, self ? "there is one energy" : "out of memory");
    free(self);
    return -1;
  }
  *self = (sine_gordon){.d = dimension, .kappa = 1.0};
  for (uint64_t i = 0; i < argument_count; i++) /* the host has checked names and ranges */
    if (!strcmp(arguments[i].name, "kappa")) self->kappa = arguments[i].values[0];
  *instance = self;
  return MOVIMENTO_OK;
}

static const movimento_parameter parameters[] = {
    {"kappa", "stiffness, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY}};
static const char *const extensions[] = {MOVIMENTO_LOCAL_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "sine-gordon-c", "Sine-Gordon energy", "1.0.0", "kappa/2 |p|^2 + 1 - cos u",
    "", MOVIMENTO_USES_GRADIENT, 1, sizeof parameters[0], parameters, extensions};
static const movimento_local_table table = {sizeof table, evaluate};

static uint32_t descriptor_count(void) { return 1; }
static const movimento_descriptor *descriptor(uint32_t i) { return i == 0 ? &energy : NULL; }
static const void *get_extension(uint32_t i, const char *id) {
  return i == 0 && !strcmp(id, MOVIMENTO_LOCAL_1) ? &table : NULL;
}

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR, MOVIMENTO_PLUGIN_ABI_MINOR, sizeof movimento_plugin,
    descriptor_count, descriptor, create, free, get_extension};
