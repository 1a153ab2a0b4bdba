/* An energy with a density and an interaction, for the tests: the sum of `quadratic` and
 * `interaction-quadratic`,
 *
 *   kappa/2 int u^2 dx + 1/2 int int attraction/2 |x - y|^2 u(x) u(y) dx dy.
 *
 *   cc -std=c11 -shared -fPIC -Iinclude tests/plugins/both.c -o <name>.so
 *
 * With -DWRONG_KERNEL the gradient of the kernel has the wrong sign.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "movimento_plugin.h"

#ifdef WRONG_KERNEL
#define SIGN (-1.0)
#else
#define SIGN 1.0
#endif

typedef struct { double kappa, attraction; } both;

static void zeros(double *out, uint64_t count) {
  if (out) memset(out, 0, count * sizeof *out);
}

static int32_t density(const void *instance, const movimento_local_batch *b, char *message,
                       uint64_t message_size) {
  const both *self = instance;
  (void)message, (void)message_size;
  for (uint64_t i = 0; i < b->n; i++) {
    const double u = b->u[i];
    if (b->f) b->f[i] = 0.5 * self->kappa * (u * u);
    if (b->f_u) b->f_u[i] = self->kappa * u;
    if (b->f_uu) b->f_uu[i] = self->kappa;
  }
  zeros(b->f_p, b->n * b->d);
  zeros(b->f_x, b->n * b->d);
  zeros(b->f_up, b->n * b->d);
  zeros(b->f_pp, b->n * b->d * b->d);
  return MOVIMENTO_OK;
}

static int32_t kernel(const void *instance, const movimento_pair_batch *b, char *message,
                      uint64_t message_size) {
  const both *self = instance;
  (void)message, (void)message_size;
  for (uint64_t i = 0; i < b->n; i++) {
    double square = 0.0;
    for (uint64_t j = i * b->d; j < (i + 1) * b->d; j++) {
      const double difference = b->x[j] - b->y[j];
      square += difference * difference;
      if (b->w_x) b->w_x[j] = SIGN * self->attraction * difference;
    }
    if (b->w) b->w[i] = 0.5 * self->attraction * square;
  }
  return MOVIMENTO_OK;
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  static const char refusal[] = "the parameters are not those of the energy";
  both *self = malloc(sizeof *self);
  (void)index, (void)dimension;
  if (!self) return -1;
  *self = (both){1.0, 1.0};
  int fits = 1;
  for (uint64_t i = 0; i < argument_count; i++) {
    const double value = arguments[i].values[0];
    const int one = arguments[i].count == 1 && isfinite(value);
    if (one && !strcmp(arguments[i].name, "kappa") && value > 0.0) self->kappa = value;
    else if (one && !strcmp(arguments[i].name, "attraction")) self->attraction = value;
    else fits = 0;
  }
  if (!fits) {
    const uint64_t size = message_size < sizeof refusal ? message_size : sizeof refusal;
    if (size > 0) {
      memcpy(message, refusal, size);
      message[size - 1] = 0;
    }
    free(self);
    return -1;
  }
  *instance = self;
  return MOVIMENTO_OK;
}

static const movimento_parameter parameters[] = {
    {"kappa", "factor of the density, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY},
    {"attraction", "factor of the kernel", MOVIMENTO_REAL, 0, 1.0, -INFINITY, INFINITY}};
static const char *const extensions[] = {MOVIMENTO_LOCAL_1, MOVIMENTO_PAIR_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "both", "A density and an interaction", "1.0.0",
    "kappa/2 u^2 and W = attraction/2 |x - y|^2", "",
    MOVIMENTO_SECOND_DERIVATIVES | MOVIMENTO_CONVEX, 2, sizeof parameters[0], parameters,
    extensions};
static const movimento_local_table local = {sizeof local, density};
static const movimento_pair_table pair = {sizeof pair, kernel};

static uint32_t descriptor_count(void) { return 1; }
static const movimento_descriptor *descriptor(uint32_t i) { return i == 0 ? &energy : NULL; }
static const void *get_extension(uint32_t i, const char *id) {
  if (i != 0) return NULL;
  return !strcmp(id, MOVIMENTO_LOCAL_1) ? (const void *)&local
         : !strcmp(id, MOVIMENTO_PAIR_1) ? (const void *)&pair : NULL;
}

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR, MOVIMENTO_PLUGIN_ABI_MINOR, sizeof movimento_plugin,
    descriptor_count, descriptor, create, free, get_extension};
