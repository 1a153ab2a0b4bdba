/* Plugins that break the contract in one way each, for the tests of the host's loader and solver and
 * of movimento-check.
 *
 *   cc -std=c11 -shared -fPIC -Iinclude -DBREAK=<how> tests/plugins/broken.c -o <name>.so
 *
 * The energy is "broken", u^2/2 in `movimento.local/1` with second derivatives. <how> is one of
 *
 *   SOUND                nothing is broken
 *   IN_TIME              nothing is broken: (1 + t^2) u^2/2, which the flags say
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
 *   PAST_THE_END         descriptor returns a descriptor for every index
 *   UNKNOWN_FLAG         sets a flag that the header does not have
 *   RESERVED             `reserved` of the parameter is 1
 *   HIDDEN_TABLE         offers `movimento.pair/1`, which it does not declare
 *   UNKNOWN_TERM         declares and offers `movimento.unheard-of/1` as well
 *   ANY_EXTENSION        get_extension returns a table for an id that nobody knows
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
 * for movimento-check alone
 *   WRONG_SECOND         f_uu is 1e-5 too large
 *   UNDECLARED           the density depends on x, which the flags do not say
 *   UNDECLARED_TIME      the density depends on t, which the flags do not say
 *   WRONG_IN_TIME        f_u is right at t = 0 only
 *   NAN_AT_ZERO          f_p is NaN where p = 0
 *   NAN_AT_CORNERS       f is NaN where x is at the end of its range
 *   NOT_CONVEX           declares convexity of cos u
 *   PRINTS               evaluate prints
 *   WARNS                create prints to the standard error
 *   EXITS                evaluate ends the process, with success
 *   ABORTS               create aborts when a parameter is NaN
 *   CRASHES_ON_NAN       evaluate uses u as an index
 *   LOSES_NAN            f is a maximum, which NaN does not pass through
 *   SPREADS_NAN          f of every point takes part in a sum over all
 *   HANGS                evaluate loops until |u| is below 1, which an infinite u never is
 *   LEAKS                evaluate does not free what it allocates
 *   LEAKS_INSTANCES      destroy does not free what create allocated
 *   COUNTS               the result depends on how often evaluate was called
 *   RACES                evaluate keeps intermediate values in static memory
 *   STARTS_A_THREAD      create starts a thread that stays
 *   WRITES_PAST          writes behind the end of f_u
 *   READS_PAST           reads behind the end of u
 *   WRITES_BEFORE        writes before the start of f
 *   WRITES_INPUT         clips u in place
 *   WRITES_UNWANTED      writes f_p without looking whether it is wanted
 *   OVERLONG_MESSAGE     refuses NaN with a message that is one byte too long
 *   DEPENDS_ON_WANTED    f is another one when f_u is not wanted
 *   REFUSES_EMPTY        refuses n = 0
 *   EXACT_SIZE           refuses a batch of a newer host
 *   CHANGES_ROUNDING     evaluate rounds upward and leaves it so
 *   CHANGES_LOCALE       create sets a locale
 *   CHANGES_FOLDER       create changes the working folder
 *   CHANGES_SIGNALS      create ignores SIGFPE
 *   LEAVES_FILES         create opens a file and leaves it open
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "movimento_plugin.h"

enum {
  SOUND, WRONG_MAJOR, SMALL_ENTRY, SMALL_DESCRIPTOR, SMALL_TABLE, NO_CREATE, NO_EVALUATE,
  NOT_OFFERED, NO_EXTENSIONS, NO_ENERGIES, NULL_DESCRIPTOR, BAD_ID, BAD_DEFAULT, CREATE_FAILS,
  NULL_INSTANCE, FATAL, RECOVERABLE, RECOVERABLE_ONCE, NO_MESSAGE, LONG_MESSAGE, BAD_UTF8,
  RETURNS_NAN, RETURNS_INF, WRONG_GRADIENT, WRONG_SECOND, UNDECLARED, NOT_CONVEX, PRINTS, WARNS,
  EXITS, ABORTS, CRASHES_ON_NAN, LOSES_NAN, SPREADS_NAN, HANGS, LEAKS, LEAKS_INSTANCES, COUNTS,
  RACES, STARTS_A_THREAD, WRITES_PAST, READS_PAST, WRITES_BEFORE, WRITES_INPUT, WRITES_UNWANTED,
  OVERLONG_MESSAGE, DEPENDS_ON_WANTED, REFUSES_EMPTY, EXACT_SIZE, CHANGES_ROUNDING, CHANGES_LOCALE,
  CHANGES_FOLDER, CHANGES_SIGNALS, LEAVES_FILES, PAST_THE_END, UNKNOWN_FLAG, RESERVED,
  HIDDEN_TABLE, UNKNOWN_TERM, ANY_EXTENSION, IN_TIME, UNDECLARED_TIME, WRONG_IN_TIME,
  NAN_AT_ZERO, NAN_AT_CORNERS
};

#ifndef BREAK
#define BREAK SOUND
#endif

static int32_t refuse(int32_t status, const char *text, char *message, uint64_t size) {
  if (size > strlen(text)) memcpy(message, text, strlen(text) + 1);
  return status;
}

/* Where results go that nobody needs, so that the compiler keeps what makes them. */
volatile double sink;

/* What evaluate does beside its work, before it; a status that is not 0 is returned. */
static int32_t misbehave(const movimento_local_batch *b, char *message, uint64_t message_size) {
  static const double table[4] = {0.0, 0.0, 0.0, 0.0};
  switch (BREAK) {
    case PRINTS: printf("evaluating %d points\n", (int)b->n); break;
    case EXITS: exit(0);
    case LEAKS: sink = malloc(40) != NULL; break;
    case REFUSES_EMPTY: return b->n == 0 ? refuse(-1, "no points", message, message_size) : 0;
    case EXACT_SIZE:
      return b->struct_size != sizeof *b ? refuse(-1, "which batch?", message, message_size) : 0;
    case CHANGES_ROUNDING: fesetround(FE_UPWARD); break;
    case READS_PAST: sink = b->u[b->n]; break;
    case WRITES_PAST: if (b->f_u) b->f_u[b->n] = 0.0; break;
    case WRITES_BEFORE: if (b->f) b->f[-1] = 0.0; break;
    case WRITES_UNWANTED: memset(b->f_p, 0, b->n * b->d * sizeof(double)); break;
    default: break;
  }
  for (uint64_t i = 0; i < b->n; i++) {
    if (BREAK == CRASHES_ON_NAN) sink = table[isnan(b->u[i]) ? (int64_t)1 << 40 : 0];
    if (BREAK == HANGS) for (volatile double u = fabs(b->u[i]); u >= 1.0; u /= 2) sink = u;
    if (BREAK == WRITES_INPUT) ((double *)b->u)[i] = fmin(b->u[i], 1.5);
    if (BREAK == OVERLONG_MESSAGE && isnan(b->u[i])) {
      memset(message, 'x', message_size);
      message[message_size] = 0;
      return 1;
    }
  }
  return 0;
}

/* Whether the density depends on time: it is (1 + t^2) times the other. */
static const int in_time = BREAK == IN_TIME || BREAK == UNDECLARED_TIME || BREAK == WRONG_IN_TIME;

/* The intermediate values of RACES. */
static double scratch[4096];

/* f at a point; u^2/2 unless it is broken. */
static double density(const movimento_local_batch *b, uint64_t i, int calls) {
  const double u = b->u[i];
  double sum = 0.0;
  switch (BREAK) {
    case UNDECLARED: return 0.5 * u * u + b->x[i * b->d];
    case NOT_CONVEX: return cos(u);
    case NAN_AT_CORNERS: return b->x[i * b->d] < 1.5 ? 0.5 * u * u : NAN;
    case LOSES_NAN: return fmax(0.5 * u * u, 0.0);
    case SPREADS_NAN:
      for (uint64_t j = 0; j < b->n; j++) sum += b->u[j];
      return 0.5 * u * u + 0.0 * sum;
    case COUNTS: return 0.5 * u * u + calls;
    case RACES: return 0.5 * scratch[i % 4096];
    case DEPENDS_ON_WANTED: return 0.5 * u * u + (b->f_u ? 0.0 : 1e-3);
    default: return 0.5 * u * u * (in_time ? 1.0 + b->t * b->t : 1.0);
  }
}

static int32_t evaluate(const void *instance, const movimento_local_batch *b, char *message,
                        uint64_t message_size) {
  static atomic_int evaluations;
  const int calls = b->n > 0 ? atomic_fetch_add(&evaluations, 1) : 1;
  (void)instance;
  switch (BREAK) {
    case FATAL: return refuse(-3, "evaluate gave up", message, message_size);
    case RECOVERABLE: return refuse(1, "a smaller step, please", message, message_size);
    case RECOVERABLE_ONCE:
      if (calls == 0) return refuse(1, "a smaller step, please", message, message_size);
      break;
    case NO_MESSAGE: return -3;
    case LONG_MESSAGE: memset(message, 'x', message_size); return -3;
    case BAD_UTF8: return refuse(-3, "\xff\xfe!", message, message_size);
    default: break;
  }
  const int32_t status = misbehave(b, message, message_size);
  if (status != MOVIMENTO_OK) return status;
  if (BREAK == RACES) for (uint64_t i = 0; i < b->n; i++) scratch[i % 4096] = b->u[i] * b->u[i];
  for (uint64_t i = 0; i < b->n; i++) {
    const double u = b->u[i];
    const int nan = BREAK == RETURNS_NAN && i == 0;
    const int inf = BREAK == RETURNS_INF && i == b->n - 1;
    if (b->f) b->f[i] = nan ? NAN : inf ? INFINITY : density(b, i, calls);
    const double f_u = BREAK == WRONG_GRADIENT ? -u : BREAK == NOT_CONVEX ? -sin(u) : u;
    const double factor = in_time ? 1.0 + b->t * b->t : 1.0;
    if (b->f_u) b->f_u[i] = nan ? NAN : BREAK == WRONG_IN_TIME ? f_u : factor * f_u;
    const double f_uu = BREAK == WRONG_SECOND ? 1.00001 : BREAK == NOT_CONVEX ? -cos(u) : 1.0;
    if (b->f_uu) b->f_uu[i] = BREAK == WRONG_IN_TIME ? f_uu : factor * f_uu;
  }
  if (b->f_p) memset(b->f_p, 0, b->n * b->d * sizeof(double));
  if (b->f_p && BREAK == NAN_AT_ZERO)
    for (uint64_t k = 0; k < b->n * b->d; k++) b->f_p[k] = b->p[k] == 0.0 ? NAN : 0.0;
  if (b->f_x) memset(b->f_x, 0, b->n * b->d * sizeof(double));
  if (b->f_up) memset(b->f_up, 0, b->n * b->d * sizeof(double));
  if (b->f_pp) memset(b->f_pp, 0, b->n * b->d * b->d * sizeof(double));
  return MOVIMENTO_OK;
}

static void *sleeper(void *nothing) {
  for (;;) pause();
  return nothing;
}

/* What create does beside its work. */
static void meddle(const movimento_argument *arguments, uint64_t count) {
  pthread_t thread;
  switch (BREAK) {
    case WARNS: fputs("creating\n", stderr); break;
    case ABORTS: for (uint64_t i = 0; i < count; i++) if (isnan(arguments[i].values[0])) abort(); break;
    case STARTS_A_THREAD: pthread_create(&thread, NULL, sleeper, NULL); break;
    case CHANGES_LOCALE: setlocale(LC_ALL, "C.UTF-8"); break;
    case CHANGES_FOLDER: if (chdir("/")) abort(); break;
    case CHANGES_SIGNALS: signal(SIGFPE, SIG_IGN); break;
    case LEAVES_FILES: if (open("/dev/null", O_RDONLY) < 0) abort(); break;
    default: break;
  }
}

static int32_t create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                      uint64_t argument_count, void **instance, char *message,
                      uint64_t message_size) {
  static int place;
  (void)index, (void)dimension;
  meddle(arguments, argument_count);
  if (BREAK == CREATE_FAILS) return refuse(-7, "create refuses", message, message_size);
  *instance = BREAK == NULL_INSTANCE ? NULL : BREAK == LEAKS_INSTANCES ? malloc(24) : &place;
  return MOVIMENTO_OK;
}

static void destroy(void *instance) { (void)instance; }

static const movimento_parameter parameters[] = {
    {"unused", "a number between 0 and 1", MOVIMENTO_REAL, BREAK == RESERVED,
     BREAK == BAD_DEFAULT ? 5.0 : 0.5, 0.0, 1.0}};

#define UNHEARD_OF "movimento.unheard-of/1"

static const char *const extensions[] = {BREAK == NO_EXTENSIONS ? NULL : MOVIMENTO_LOCAL_1,
                                         BREAK == UNKNOWN_TERM ? UNHEARD_OF : NULL, NULL};

static const movimento_descriptor energy = {
    BREAK == SMALL_DESCRIPTOR ? 8 : sizeof energy, BREAK == BAD_ID ? "Broken Id" : "broken",
    "A broken energy", "1.0.0", "u^2/2", "",
    MOVIMENTO_SECOND_DERIVATIVES | MOVIMENTO_CONVEX | (BREAK == UNKNOWN_FLAG ? 1u << 20 : 0u) |
        (BREAK == NAN_AT_ZERO ? MOVIMENTO_USES_GRADIENT : 0u) |
        (BREAK == NAN_AT_CORNERS ? MOVIMENTO_USES_POSITION : 0u) |
        (BREAK == IN_TIME || BREAK == WRONG_IN_TIME ? MOVIMENTO_USES_TIME : 0u), 1,
    sizeof parameters[0], parameters, extensions};

static const movimento_local_table table = {BREAK == SMALL_TABLE ? 8 : sizeof table,
                                            BREAK == NO_EVALUATE ? NULL : evaluate};

static uint32_t descriptor_count(void) { return BREAK == NO_ENERGIES ? 0 : 1; }

static const movimento_descriptor *descriptor(uint32_t i) {
  const int there = i < descriptor_count() || BREAK == PAST_THE_END;
  return there && BREAK != NULL_DESCRIPTOR ? &energy : NULL;
}

static const void *get_extension(uint32_t i, const char *id) {
  const int hidden = (BREAK == HIDDEN_TABLE && !strcmp(id, MOVIMENTO_PAIR_1)) ||
                     (BREAK == UNKNOWN_TERM && !strcmp(id, UNHEARD_OF));
  const int any = BREAK == ANY_EXTENSION && strcmp(id, MOVIMENTO_PAIR_1) && strcmp(id, MOVIMENTO_SYSTEM_1) &&
                  strcmp(id, MOVIMENTO_HESSIAN_1);
  const int offered = i == 0 && BREAK != NOT_OFFERED && !strcmp(id, MOVIMENTO_LOCAL_1);
  return offered || hidden || any ? &table : NULL;
}

#ifdef NO_SYMBOL
#define movimento_plugin another_name
#endif

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR + (BREAK == WRONG_MAJOR), MOVIMENTO_PLUGIN_ABI_MINOR,
    BREAK == SMALL_ENTRY ? 8 : sizeof movimento_plugin, descriptor_count, descriptor,
    BREAK == NO_CREATE ? NULL : create, destroy, get_extension};
