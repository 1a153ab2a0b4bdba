/* movimento_plugin.h - the plugin ABI of movimento, major version 1.
 *
 * A plugin is a shared object that exports one data symbol,
 *
 *     const movimento_plugin_entry movimento_plugin;
 *
 * and offers one or more energies, the terms of the functional F that a gradient
 * flow du/dt = -grad F(u) descends. This header is all that a plugin in C, C++ or
 * Fortran needs; plugins in Rust use the crate `movimento-plugin`, which writes
 * these tables for them.
 *
 * The program movimento-check tries what this header asks, and examples/plugin-* are templates.
 *
 * What the host does, in order
 *   1. loads the shared object and reads `movimento_plugin`: an equal major
 *      version and a large enough `struct_size` are required;
 *   2. asks for the descriptors, without creating anything;
 *   3. asks `get_extension` for every table that a descriptor declares and checks
 *      that each slot is filled; what is missing is reported and the plugin refused;
 *   4. `create`s an instance with its parameters, uses its tables, and `destroy`s it.
 * The shared object is never unloaded.
 *
 * Threads. `create` and `destroy` are called by one thread at a time for one
 * instance. Table functions are called concurrently, on one instance, from threads
 * that belong to the host: they must not change the instance and must start no
 * thread of their own.
 *
 * Status. Functions that can fail return MOVIMENTO_OK, a value > 0 when the host
 * may recover by taking a smaller step (a value outside the energy's domain, say),
 * or a value < 0 when going on makes no sense. They may write a message, a
 * NUL-terminated UTF-8 text of at most `message_size` bytes with its NUL, into
 * `message`, which is never NULL. Nothing may be printed, thrown or unwound across
 * this border, and the process must not be ended.
 *
 * Growth. Structures only ever gain fields at their end, in a new minor version.
 * Every structure that a reader might know in an older form starts with, or is
 * described by, its size: never read past it.
 */
#ifndef MOVIMENTO_PLUGIN_H
#define MOVIMENTO_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOVIMENTO_PLUGIN_ABI_MAJOR 1u
#define MOVIMENTO_PLUGIN_ABI_MINOR 1u

#define MOVIMENTO_OK 0

/* ---- Parameters ---------------------------------------------------------- */

#define MOVIMENTO_REAL 0u       /* one number */
#define MOVIMENTO_INTEGER 1u    /* one whole number, passed as a double */
#define MOVIMENTO_REAL_ARRAY 2u /* one number (used for every entry) or several; `create` checks how many */

/* One parameter of an energy. All texts are static, NUL-terminated UTF-8. */
typedef struct movimento_parameter {
  const char *name;     /* a key such as "kappa" */
  const char *help;     /* one line; for arrays, the lengths accepted */
  uint32_t kind;        /* MOVIMENTO_REAL, MOVIMENTO_INTEGER or MOVIMENTO_REAL_ARRAY */
  uint32_t reserved;    /* 0 */
  double default_value; /* used when the parameter is not given; for arrays, for every entry */
  double minimum;       /* the accepted range, both ends included; the host enforces it, */
  double maximum;       /* for arrays on every entry. Infinities are allowed here. */
} movimento_parameter;

/* A value given for a parameter: `count` numbers, 1 unless the kind is an array.
 * The host passes every parameter of the descriptor, defaults filled in. */
typedef struct movimento_argument {
  const char *name;
  uint64_t count;
  const double *values;
} movimento_argument;

/* ---- Descriptors --------------------------------------------------------- */

/* An energy is the sum of what its tables stand for: one that offers `movimento.local/1` and
 * `movimento.pair/1` is the integral of its density plus its interaction, one term of F with one
 * value. A flow that cannot use one of the tables refuses the energy and names the table: without
 * it, the energy would be another one. In L2 energies have a density alone; in Wasserstein space
 * they have a density without grad u, an interaction, or both. A density of a scalar u
 * (`movimento.local/1`), one of several components (`movimento.system/1`) and one of second
 * derivatives (`movimento.hessian/1`) do not go together.
 *
 * Every table that is offered must be declared: `get_extension` returns NULL for the ids that are
 * not in `extensions`, those that nobody knows included. An id is a name and a version: tables of
 * one name are forms of the same term, of which a host takes the newest that it knows; tables of
 * different names are different terms. An energy with a term of which the host knows no form, its
 * name beginning with "movimento.", is refused too. */

/* What the energy is, as an or of these bits in `movimento_descriptor.flags`. Other bits are
 * refused. MOVIMENTO_CONVEX says of an energy with a density that the density is convex.
 *
 * An energy that depends on time (minor version 1) is F(t, u), and the flow du/dt = -grad F(t, u).
 * The host asks for it at the times of the stages of its schemes, in any order and more than once:
 * a table function is a function of t as it is of x. A host of minor version 0 refuses the flag. */
#define MOVIMENTO_USES_GRADIENT 1u      /* the density depends on p = grad u */
#define MOVIMENTO_USES_POSITION 2u      /* the density depends on x explicitly */
#define MOVIMENTO_SECOND_DERIVATIVES 4u /* local table: f_uu, f_up, f_pp are filled when asked for.
                                           Without it the host never asks and takes differences of f_u and f_p. */
#define MOVIMENTO_CONVEX 8u             /* (u, p) -> f(t, x, u, p) is convex for all t, x and accepted parameters */
#define MOVIMENTO_USES_TIME 16u         /* the density or the kernel depends on t explicitly */

/* One energy. Static: valid as long as the process runs. */
typedef struct movimento_descriptor {
  uint64_t struct_size;           /* sizeof(movimento_descriptor) of the plugin */
  const char *id;                 /* what a user asks for: lower case, digits and '-' */
  const char *name;               /* for people */
  const char *version;            /* of the energy, "1.0.0" */
  const char *formula;            /* one line of plain text */
  const char *references;         /* one reference with its DOI a line; may be empty */
  uint32_t flags;
  uint32_t parameter_count;
  uint64_t parameter_size;        /* sizeof(movimento_parameter) of the plugin: the stride of `parameters` */
  const movimento_parameter *parameters;
  const char *const *extensions;  /* ids of the tables offered, ended by NULL */
} movimento_descriptor;

/* ---- Extension "movimento.local/1": pointwise densities ------------------- */

#define MOVIMENTO_LOCAL_1 "movimento.local/1"

/* The energy is int f(t, x, u(x), grad u(x)) dx. A batch holds n points in dimension d.
 * Inputs are never NULL, except p when the energy does not declare
 * MOVIMENTO_USES_GRADIENT. Arrays are row-major, point after point. Every output
 * may be NULL: not wanted. Outputs do not overlap the inputs. */
typedef struct movimento_local_batch {
  uint64_t struct_size; /* sizeof(movimento_local_batch) of the host */
  uint64_t n;           /* points; 0 is legal and does nothing */
  uint64_t d;           /* dimension of x */
  const double *x;      /* [n][d] */
  const double *u;      /* [n] */
  const double *p;      /* [n][d], grad u, or NULL */
  double *f;            /* [n]       density */
  double *f_u;          /* [n]       df/du */
  double *f_p;          /* [n][d]    df/dp; zeros when the density does not depend on p */
  double *f_x;          /* [n][d]    df/dx, the explicit dependence only */
  double *f_uu;         /* [n]       asked for only with MOVIMENTO_SECOND_DERIVATIVES, as are the next two */
  double *f_up;         /* [n][d] */
  double *f_pp;         /* [n][d][d] symmetric */
  double t;             /* since minor version 1: the time, of all points; read it with MOVIMENTO_USES_TIME only */
} movimento_local_batch;

typedef struct movimento_local_table {
  uint64_t struct_size; /* sizeof(movimento_local_table) of the plugin */
  int32_t (*evaluate)(const void *instance, const movimento_local_batch *batch,
                      char *message, uint64_t message_size);
} movimento_local_table;

/* ---- Extension "movimento.pair/1": interaction kernels -------------------- */

#define MOVIMENTO_PAIR_1 "movimento.pair/1"

/* The energy is 1/2 int int W(x, y) u(x) u(y) dx dy with W(x, y) = W(y, x), or W(t, x, y). */
typedef struct movimento_pair_batch {
  uint64_t struct_size;
  uint64_t n;      /* pairs; 0 is legal */
  uint64_t d;
  const double *x; /* [n][d] */
  const double *y; /* [n][d] */
  double *w;       /* [n]    W(x, y), or NULL */
  double *w_x;     /* [n][d] grad_x W(x, y), or NULL */
  double t;        /* since minor version 1: the time; read it with MOVIMENTO_USES_TIME only */
} movimento_pair_batch;

typedef struct movimento_pair_table {
  uint64_t struct_size;
  int32_t (*evaluate)(const void *instance, const movimento_pair_batch *batch,
                      char *message, uint64_t message_size);
} movimento_pair_table;

/* ---- Extension "movimento.system/1": densities of several components ------ */

#define MOVIMENTO_SYSTEM_1 "movimento.system/1"

/* The energy is int f(t, x, u(x), grad u(x)) dx of a field u of c components, for flows in L2 with the
 * option `components` = c: du_i/dt = -dF/du_i. What is said of "movimento.local/1" holds here, but for the
 * shapes; with c = 1 they are those of a scalar. */
typedef struct movimento_system_batch {
  uint64_t struct_size; /* sizeof(movimento_system_batch) of the host */
  uint64_t n;           /* points; 0 is legal and does nothing */
  uint64_t d;           /* dimension of x */
  uint64_t c;           /* components, those of the table */
  const double *x;      /* [n][d] */
  const double *u;      /* [n][c] */
  const double *p;      /* [n][c][d], entry [i][k] is the derivative of component i along axis k, or NULL */
  double *f;            /* [n]             density */
  double *f_u;          /* [n][c]          df/du */
  double *f_p;          /* [n][c][d]       df/dp; zeros when the density does not depend on p */
  double *f_x;          /* [n][d]          df/dx, the explicit dependence only */
  double *f_uu;         /* [n][c][c]       symmetric; asked for only with MOVIMENTO_SECOND_DERIVATIVES, as are the next two */
  double *f_up;         /* [n][c][c][d]    entry [i][j][k]: by component i of u and p[j][k] */
  double *f_pp;         /* [n][c][d][c][d] symmetric */
  double t;             /* the time, of all points; read it with MOVIMENTO_USES_TIME only */
} movimento_system_batch;

typedef struct movimento_system_table {
  uint64_t struct_size; /* sizeof(movimento_system_table) of the plugin */
  uint64_t components;  /* c, from 1 to 16 */
  int32_t (*evaluate)(const void *instance, const movimento_system_batch *batch,
                      char *message, uint64_t message_size);
} movimento_system_table;

/* ---- Extension "movimento.hessian/1": densities of second derivatives ----- */

#define MOVIMENTO_HESSIAN_1 "movimento.hessian/1"

/* The energy is int f(t, x, u(x), grad u(x), Hess u(x)) dx of a scalar u, for flows in L2. What is said of
 * "movimento.local/1" holds here. h is symmetric; derivatives in it are those of a function of d^2 numbers of their
 * own. MOVIMENTO_CONVEX says that f is convex in (u, p, h). */
typedef struct movimento_hessian_batch {
  uint64_t struct_size; /* sizeof(movimento_hessian_batch) of the host */
  uint64_t n;           /* points; 0 is legal and does nothing */
  uint64_t d;           /* dimension of x */
  const double *x;      /* [n][d] */
  const double *u;      /* [n] */
  const double *p;      /* [n][d], or NULL */
  const double *h;      /* [n][d][d] */
  double *f;            /* [n]             density */
  double *f_u;          /* [n]             df/du */
  double *f_p;          /* [n][d]          df/dp; zeros when the density does not depend on p */
  double *f_x;          /* [n][d]          df/dx, the explicit dependence only */
  double *f_h;          /* [n][d][d]       df/dh */
  double *f_uu;         /* [n]             asked for only with MOVIMENTO_SECOND_DERIVATIVES, as are the next ones */
  double *f_up;         /* [n][d] */
  double *f_pp;         /* [n][d][d]       symmetric */
  double *f_uh;         /* [n][d][d] */
  double *f_ph;         /* [n][d][d][d]    entry [k][i][j]: by p[k] and h[i][j] */
  double *f_hh;         /* [n][d][d][d][d] symmetric in its two pairs */
  double t;             /* the time, of all points; read it with MOVIMENTO_USES_TIME only */
} movimento_hessian_batch;

typedef struct movimento_hessian_table {
  uint64_t struct_size; /* sizeof(movimento_hessian_table) of the plugin */
  int32_t (*evaluate)(const void *instance, const movimento_hessian_batch *batch,
                      char *message, uint64_t message_size);
} movimento_hessian_table;

/* ---- The entry ------------------------------------------------------------ */

typedef struct movimento_plugin_entry {
  uint32_t abi_major;   /* MOVIMENTO_PLUGIN_ABI_MAJOR */
  uint32_t abi_minor;   /* MOVIMENTO_PLUGIN_ABI_MINOR */
  uint64_t struct_size; /* sizeof(movimento_plugin_entry) of the plugin */

  /* How many energies there are, and each one's descriptor; NULL past the end. */
  uint32_t (*descriptor_count)(void);
  const movimento_descriptor *(*descriptor)(uint32_t index);

  /* An instance of energy `index` in dimension `dimension`, written to *instance.
   * Refuses parameters that do not fit together, with a message. */
  int32_t (*create)(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                    uint64_t argument_count, void **instance, char *message, uint64_t message_size);
  void (*destroy)(void *instance);

  /* The table of that id for energy `index`, static, or NULL when not offered. */
  const void *(*get_extension)(uint32_t index, const char *extension);
} movimento_plugin_entry;

#if defined(_WIN32)
#define MOVIMENTO_EXPORT __declspec(dllexport)
#elif defined(__GNUC__) || defined(__clang__)
#define MOVIMENTO_EXPORT __attribute__((visibility("default")))
#else
#define MOVIMENTO_EXPORT
#endif

#ifdef __cplusplus
}
#endif

#endif /* MOVIMENTO_PLUGIN_H */
