/* One formula, 0.05 |p|^2 + (u^2 - 1)^2 / 4, twice: as a plugin and as a callback of the host. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "movimento_plugin.h"

static void formula(uint64_t n, uint64_t d, const double *u, const double *p, double *f,
                    double *f_u, double *f_p) {
  for (uint64_t i = 0; i < n; i++) {
    const double v = u[i], w = v * v - 1.0;
    double square = 0.0;
    for (uint64_t j = 0; j < d; j++) square += p[i * d + j] * p[i * d + j];
    if (f) f[i] = 0.05 * square + 0.25 * w * w;
    if (f_u) f_u[i] = v * w;
    if (f_p)
      for (uint64_t j = 0; j < d; j++) f_p[i * d + j] = 0.1 * p[i * d + j];
  }
}

/* The callback. */
extern int32_t formula_callback(uint64_t n, uint64_t d, const double *x, const double *u,
                                const double *p, double *f, double *f_u, double *f_p,
                                void *user_data);
int32_t formula_callback(uint64_t n, uint64_t d, const double *x, const double *u, const double *p,
                         double *f, double *f_u, double *f_p, void *user_data) {
  (void)x, (void)user_data;
  formula(n, d, u, p, f, f_u, f_p);
  return 0;
}

/* The plugin. */
static int32_t evaluate(const void *instance, const movimento_local_batch *b, char *message,
                        uint64_t message_size) {
  (void)instance, (void)message, (void)message_size;
  formula(b->n, b->d, b->u, b->p, b->f, b->f_u, b->f_p);
  return b->f_x || b->f_uu || b->f_up || b->f_pp ? -1 : MOVIMENTO_OK; /* not declared */
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  (void)index, (void)dimension, (void)arguments, (void)argument_count, (void)message;
  (void)message_size;
  *instance = malloc(1);
  return *instance ? MOVIMENTO_OK : -1;
}

static const char *const extensions[] = {MOVIMENTO_LOCAL_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "formula", "A formula", "1.0.0", "0.05 |p|^2 + (u^2 - 1)^2 / 4", "",
    MOVIMENTO_USES_GRADIENT, 0, sizeof(movimento_parameter), NULL, extensions};
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
