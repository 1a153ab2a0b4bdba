/* The energy kappa/2 |grad u|^2 + (u^2 - 1)^2 / 4 + g u x_0, an old plugin: landau.so was built
 * from this file by the script `build`, against the first header of the plugin ABI. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "movimento_plugin.h"

typedef struct { double kappa, g; } landau;

static int32_t evaluate(const void *instance, const movimento_local_batch *b, char *message,
                        uint64_t message_size) {
  const landau *self = instance;
  const uint64_t d = b->d;
  (void)message, (void)message_size;
  for (uint64_t i = 0; i < b->n; i++) {
    const double u = b->u[i], w = u * u - 1.0, *p = b->p + i * d;
    double square = 0.0;
    for (uint64_t j = 0; j < d; j++) {
      square += p[j] * p[j];
      if (b->f_p) b->f_p[i * d + j] = self->kappa * p[j];
      if (b->f_x) b->f_x[i * d + j] = j == 0 ? self->g * u : 0.0;
      if (b->f_up) b->f_up[i * d + j] = 0.0;
      for (uint64_t k = 0; b->f_pp && k < d; k++)
        b->f_pp[(i * d + j) * d + k] = j == k ? self->kappa : 0.0;
    }
    if (b->f) b->f[i] = 0.5 * self->kappa * square + 0.25 * w * w + self->g * u * b->x[i * d];
    if (b->f_u) b->f_u[i] = u * w + self->g * b->x[i * d];
    if (b->f_uu) b->f_uu[i] = 3.0 * u * u - 1.0;
  }
  return MOVIMENTO_OK;
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  landau *self = malloc(sizeof *self);
  (void)index, (void)dimension;
  if (!self) {
    if (message_size > 13) memcpy(message, "out of memory", 14);
    return -1;
  }
  *self = (landau){.kappa = 1.0, .g = 0.0};
  for (uint64_t i = 0; i < argument_count; i++) {
    if (!strcmp(arguments[i].name, "kappa")) self->kappa = arguments[i].values[0];
    if (!strcmp(arguments[i].name, "g")) self->g = arguments[i].values[0];
  }
  *instance = self;
  return MOVIMENTO_OK;
}

static const movimento_parameter parameters[] = {
    {"kappa", "stiffness, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, 1e300},
    {"g", "slope of the field in x_0", MOVIMENTO_REAL, 0, 0.0, -1e300, 1e300}};
static const char *const extensions[] = {MOVIMENTO_LOCAL_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "landau", "Landau energy in a field", "1.0.0",
    "kappa/2 |p|^2 + (u^2 - 1)^2 / 4 + g u x_0", "",
    MOVIMENTO_USES_GRADIENT | MOVIMENTO_USES_POSITION | MOVIMENTO_SECOND_DERIVATIVES, 2,
    sizeof parameters[0], parameters, extensions};
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
