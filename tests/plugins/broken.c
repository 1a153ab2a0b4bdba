/* Plugins that break the contract in one way each, for the tests of the host's loader and solver.
 *
 *   cc -std=c11 -shared -fPIC -Iinclude -DBREAK=<how> tests/plugins/broken.c -o <name>.so
 *
 * The energy is "broken", u^2/2 in `movimento.local/1` with second derivatives. <how> is one of
 *
 *   SOUND                nothing is broken
 * refused at load
 *   WRONG_MAJOR          the ABI major is one too high
 *   SMALL_ENTRY          struct_size of the entry is 8
 *   SMALL_DESCRIPTOR     struct_size of the descriptor is 8
 *   SMALL_TABLE          struct_size of the local table is 8
 *   NO_CREATE            the slot `create` of the entry is NULL
 *   NO_EVALUATE          the slot `evaluate` of the table is NULL
 *   NOT_OFFERED          declares `movimento.local/1`, but get_extension returns NULL
 *   NO_EXTENSIONS        declares no extension
 *   NO_ENERGIES          descriptor_count is 0
 *   NULL_DESCRIPTOR      descriptor(0) is NULL
 *   BAD_ID               the id is "Broken Id"
 *   BAD_DEFAULT          the parameter's default lies outside its range
 *   NO_SYMBOL            given as -DNO_SYMBOL: exports no `movimento_plugin`
 * created, or not
 *   CREATE_FAILS         create returns -7 with the message "create refuses"
 *   NULL_INSTANCE        create returns 0 and writes NULL; legal, since evaluate never looks at it
 * evaluated
 *   FATAL                evaluate returns -3 with the message "evaluate gave up"
 *   RECOVERABLE          evaluate returns 1 with the message "a smaller step, please"
 *   RECOVERABLE_ONCE     the same at the first evaluation of the process only; sound after that
 *   NO_MESSAGE           evaluate returns -3 and writes no message
 *   LONG_MESSAGE         evaluate returns -3 and fills the buffer to its end, without a NUL
 *   BAD_UTF8             evaluate returns -3 with a message that is not UTF-8
 *   RETURNS_NAN          f and f_u are NaN at the first point
 *   RETURNS_INF          f is infinite at the last point
 *   WRONG_GRADIENT       f_u has the wrong sign: no step along it decreases the energy
 */
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "movimento_plugin.h"

enum {
  SOUND, WRONG_MAJOR, SMALL_ENTRY, SMALL_DESCRIPTOR, SMALL_TABLE, NO_CREATE, NO_EVALUATE,
  NOT_OFFERED, NO_EXTENSIONS, NO_ENERGIES, NULL_DESCRIPTOR, BAD_ID, BAD_DEFAULT, CREATE_FAILS,
  NULL_INSTANCE, FATAL, RECOVERABLE, RECOVERABLE_ONCE, NO_MESSAGE, LONG_MESSAGE, BAD_UTF8,
  RETURNS_NAN, RETURNS_INF, WRONG_GRADIENT
};

#ifndef BREAK
#define BREAK SOUND
#endif

static int32_t refuse(int32_t status, const char *text, char *message, uint64_t size) {
  if (size > strlen(text)) memcpy(message, text, strlen(text) + 1);
  return status;
}

static int32_t evaluate(const void *instance, const movimento_local_batch *b, char *message,
                        uint64_t message_size) {
  static atomic_int evaluations;
  const int first = b->n > 0 && atomic_fetch_add(&evaluations, 1) == 0;
  (void)instance;
  switch (BREAK) {
    case FATAL: return refuse(-3, "evaluate gave up", message, message_size);
    case RECOVERABLE: return refuse(1, "a smaller step, please", message, message_size);
    case RECOVERABLE_ONCE:
      if (first) return refuse(1, "a smaller step, please", message, message_size);
      break;
    case NO_MESSAGE: return -3;
    case LONG_MESSAGE: memset(message, 'x', message_size); return -3;
    case BAD_UTF8: return refuse(-3, "\xff\xfe!", message, message_size);
    default: break;
  }
  for (uint64_t i = 0; i < b->n; i++) {
    const double u = b->u[i];
    const int nan = BREAK == RETURNS_NAN && i == 0;
    const int inf = BREAK == RETURNS_INF && i == b->n - 1;
    if (b->f) b->f[i] = nan ? NAN : inf ? INFINITY : 0.5 * u * u;
    if (b->f_u) b->f_u[i] = nan ? NAN : BREAK == WRONG_GRADIENT ? -u : u;
    if (b->f_uu) b->f_uu[i] = 1.0;
  }
  if (b->f_p) memset(b->f_p, 0, b->n * b->d * sizeof(double));
  if (b->f_x) memset(b->f_x, 0, b->n * b->d * sizeof(double));
  if (b->f_up) memset(b->f_up, 0, b->n * b->d * sizeof(double));
  if (b->f_pp) memset(b->f_pp, 0, b->n * b->d * b->d * sizeof(double));
  return MOVIMENTO_OK;
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  static int place;
  (void)index, (void)dimension, (void)arguments, (void)argument_count;
  if (BREAK == CREATE_FAILS) return refuse(-7, "create refuses", message, message_size);
  *instance = BREAK == NULL_INSTANCE ? NULL : &place;
  return MOVIMENTO_OK;
}

static void destroy(void *instance) { (void)instance; }

static const movimento_parameter parameters[] = {
    {"unused", "a number between 0 and 1", MOVIMENTO_REAL, 0, BREAK == BAD_DEFAULT ? 5.0 : 0.5,
     0.0, 1.0}};

static const char *const extensions[] = {BREAK == NO_EXTENSIONS ? NULL : MOVIMENTO_LOCAL_1, NULL};

static const movimento_descriptor energy = {
    BREAK == SMALL_DESCRIPTOR ? 8 : sizeof energy, BREAK == BAD_ID ? "Broken Id" : "broken",
    "A broken energy", "1.0.0", "u^2/2", "", MOVIMENTO_SECOND_DERIVATIVES | MOVIMENTO_CONVEX, 1,
    sizeof parameters[0], parameters, extensions};

static const movimento_local_table table = {BREAK == SMALL_TABLE ? 8 : sizeof table,
                                            BREAK == NO_EVALUATE ? NULL : evaluate};

static uint32_t descriptor_count(void) { return BREAK == NO_ENERGIES ? 0 : 1; }

static const movimento_descriptor *descriptor(uint32_t i) {
  return i < descriptor_count() && BREAK != NULL_DESCRIPTOR ? &energy : NULL;
}

static const void *get_extension(uint32_t i, const char *id) {
  const int offered = i == 0 && BREAK != NOT_OFFERED && !strcmp(id, MOVIMENTO_LOCAL_1);
  return offered ? &table : NULL;
}

#ifdef NO_SYMBOL
#define movimento_plugin another_name
#endif

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR + (BREAK == WRONG_MAJOR), MOVIMENTO_PLUGIN_ABI_MINOR,
    BREAK == SMALL_ENTRY ? 8 : sizeof movimento_plugin, descriptor_count, descriptor,
    BREAK == NO_CREATE ? NULL : create, destroy, get_extension};
