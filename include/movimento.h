/* movimento.h - gradient flows du/dt = -grad F(u) by minimizing movements over a neural network.
 *
 * Generated from src/capi by cbindgen: do not edit.
 *
 * The order of calls
 *   1. mov_options_create, mov_options_set_*         the problem: domain, flow, network, quadrature
 *   2. mov_solver_create                             copies the options
 *   3. mov_energy_create, mov_energy_set_*,          each term of F, a plugin or a callback;
 *      mov_solver_add_energy                         copied, so that it can be freed
 *      mov_solver_set_communicator                   only to share the nodes with other processes
 *      mov_solver_set_inside, mov_solver_set_nodes   only for a domain that is no box
 *   4. mov_solver_set_initial_*                      fits the network to u_0, or goes on from a snapshot:
 *      mov_solver_restore
 *   5. mov_solver_step, mov_solver_step_to           one step, or steps until a time;
 *      mov_solver_run                                until rest, a root of yours, or a budget is spent
 *      mov_solver_set_state_*,                       the host's own operators between the steps
 *      mov_solver_add_increment_*
 *      mov_solver_save_state, mov_solver_clone       a window of time that is taken again
 *   6. mov_solver_evaluate, mov_solver_energy,       look at it, as often as you like between steps
 *      mov_solver_report, mov_writer_write           and keep it: a series of snapshots
 *   7. mov_*_free                                    in any order
 *
 * Which problem is posed how
 *   an energy int f(x, u, grad u)                    mov_energy_create by a plugin, or
 *                                                    mov_energy_create_callback
 *   f depends on time                                mov_energy_create_callback_in_time
 *   an interaction W(x, y), W(t, x, y)               mov_energy_create_pair_callback
 *   a source s(t, x) in L2                           mov_solver_add_source
 *   no flux through a side                           nothing to do
 *   a flux, Robin, a contact angle                   mov_solver_add_boundary_energy with b(t, x, u)
 *   u = g(t, x) on a side                            mov_solver_set_dirichlet, _dirichlet_constant
 *   a field of several components                    option components, mov_energy_create_system
 *   an energy of second derivatives                  mov_energy_create_with_hessian
 *   a field whose mean stays, Cahn-Hilliard          option flow = h-1, H^-1
 *   mass that is moved, born and dies                option flow = wfr
 *   a mobility, du/dt = -M(t, x, u) dF/du            mov_solver_set_mobility
 *   bounds lo(x) <= u <= hi(x)                       mov_solver_set_bounds, _bounds_constant
 *   the mean, or int g(t, x, u), held at a value     mov_solver_hold_mean, mov_solver_hold_integral
 *   an energy phi(int g(t, x, u))                    mov_solver_add_function_of_integral
 *   a periodic axis                                  option periodic_axes
 *   a ball, a part of a box, a mesh                  option domain, mov_solver_set_inside,
 *                                                    mov_solver_set_nodes and _set_boundary
 *   a density that flows in Wasserstein space        options flow and domain,
 *                                                    mov_solver_set_initial_gaussians, _barenblatt,
 *                                                    _density, _particles
 *   steps by the error that is asked for             option step_tolerance
 *   your operator moves u on your grid               mov_solver_evaluate, mov_solver_set_state_values
 *   your operator adds to u                          mov_solver_add_increment_callback, _values
 *   a window of time is taken again                  mov_solver_save_state, mov_solver_restore_state
 *   a steady state, an event, a budget of seconds    mov_solver_run
 *
 * Status. Functions return MOV_OK (0); a value above 0, when the state is unchanged and another
 * try (a smaller tau, more iterations) may succeed; or a value below 0, an error. Functions that
 * create return a handle, or NULL. mov_last_error() has the message, mov_last_status() the status.
 * On failure outputs are undefined, except where a function says more. The library prints nothing
 * and never ends the process.
 *
 * Handles stand for objects of the library and are no addresses. NULL, a freed handle, one of
 * another kind and a stray pointer are refused with MOV_ERROR_HANDLE.
 *
 * Arrays are the caller's, row-major, of double: [n][d] is point after point. An array of no
 * entries may be NULL. Texts are NUL-terminated UTF-8.
 *
 * Threads. Every function can be called from any thread. A handle serves one call at a time: a
 * second one, from another thread or from a callback, is refused with MOV_ERROR_HANDLE and the
 * word "busy". Calls that only look at a solver run beside each other, from as many threads as
 * there are: evaluate, fields, report, and all that say "beside others that look". A call that
 * changes it waits for them, up to ten seconds, and until it returns looking is refused as busy. Separate solvers run in separate threads without waiting for each other. A process
 * may fork: in the child a solver goes on with the calling thread alone.
 *
 * Floating point. The library computes, and calls callbacks, with traps masked and rounding to
 * nearest, and gives the caller its own environment back, exception flags included.
 *
 * Ranks. With a communicator (movimento_mpi.h) each process has a part of the nodes, and some calls
 * are collective: see mov_solver_set_communicator.
 *
 * Example: u_t = 0.1 Laplacian u on [0, 1]^2. Compile with -lmovimento -lm.

#include <math.h>
#include <stdio.h>
#include <movimento.h>

static int32_t u0(uint64_t n, uint64_t d, const double *x, double *u, void *user_data) {
  (void)user_data;
  for (uint64_t i = 0; i < n; i++) u[i] = cos(3.141592653589793 * x[i * d]);
  return 0;
}

int main(void) {
  double x[2] = {0.25, 0.5}, u = 0.0;
  mov_options *options = mov_options_create();
  int32_t bad = mov_options_set_real(options, "tau", 0.005);
  mov_solver *solver = mov_solver_create(options);
  mov_energy *energy = mov_energy_create("dirichlet");
  bad = bad || mov_energy_set_real(energy, "kappa", 0.1) || mov_solver_add_energy(solver, energy) ||
        mov_solver_set_initial_callback(solver, u0, NULL, NULL) ||
        mov_solver_step_to(solver, 0.02) || mov_solver_evaluate(solver, 1, x, &u, NULL);
  if (bad) fprintf(stderr, "%s\n", mov_last_error());
  else printf("u(0.25, 0.5) = %.4f at t = 0.02\n", u);
  mov_energy_free(energy);
  mov_solver_free(solver);
  mov_options_free(options);
  return bad != 0;
}

 */


#ifndef MOVIMENTO_H
#define MOVIMENTO_H

#include <stdint.h>

/**
 * The version of this interface. It is the number at the end of the library's file name and
 * rises when a program that was compiled against an older header would break.
 */
#define MOV_ABI_VERSION 1

/**
 * Success.
 */
#define MOV_OK 0

/**
 * Recoverable: the minimiser did not reach its tolerance within its iteration limit.
 */
#define MOV_NOT_CONVERGED 1

/**
 * Recoverable: the progress callback asked to stop.
 */
#define MOV_CANCELLED 2

/**
 * Recoverable: a callback or plugin asked for another try (returned a value above zero).
 */
#define MOV_TRY_AGAIN 3

/**
 * Recoverable: the energy inequality was violated beyond tolerance.
 */
#define MOV_ENERGY_INCREASE 4

/**
 * An argument is NULL, has the wrong size, or holds NaN or infinity.
 */
#define MOV_ERROR_ARGUMENT -1

/**
 * An option or energy parameter is unknown, has the wrong type or is out of range.
 */
#define MOV_ERROR_OPTION -2

/**
 * A handle is not alive, is of another kind, is busy, or was poisoned by a bug.
 */
#define MOV_ERROR_HANDLE -3

/**
 * The call comes too early or too late: no initial condition yet, say.
 */
#define MOV_ERROR_STATE -4

/**
 * A plugin could not be found, was refused, lacks a capability or failed.
 */
#define MOV_ERROR_PLUGIN -5

/**
 * A callback failed (returned a value below zero).
 */
#define MOV_ERROR_CALLBACK -6

/**
 * A file could not be written or read.
 */
#define MOV_ERROR_FILE -7

/**
 * A computation left the range of finite numbers.
 */
#define MOV_ERROR_NOT_FINITE -8

/**
 * A size asks for more memory than can be had.
 */
#define MOV_ERROR_MEMORY -9

/**
 * A bug in the library, caught. The handle that was in use can only be freed.
 */
#define MOV_ERROR_INTERNAL -10

/**
 * The callback's density depends on p = grad u.
 */
#define MOV_USES_GRADIENT 1

/**
 * The callback's density depends on x explicitly.
 */
#define MOV_USES_POSITION 2

/**
 * The callback's density is convex in (u, p) at every x, and every t.
 */
#define MOV_CONVEX 8

/**
 * The callback's kernel, or its density of several components or of second derivatives, depends on t explicitly.
 */
#define MOV_USES_TIME 16

/**
 * The run has reached its time.
 */
#define MOV_ENDED_TIME 1

/**
 * The flow is at rest.
 */
#define MOV_ENDED_REST 2

/**
 * The function of the host has crossed zero.
 */
#define MOV_ENDED_EVENT 3

/**
 * The seconds of the run are spent.
 */
#define MOV_ENDED_SECONDS 4

/**
 * The whole boundary, where a side of it is asked for.
 */
#define MOV_ALL_SIDES -1

/**
 * The mobility depends on u.
 */
#define MOV_USES_VALUE 32

/**
 * No log.
 */
#define MOV_LOG_OFF 0

/**
 * Errors.
 */
#define MOV_LOG_ERROR 1

/**
 * And warnings.
 */
#define MOV_LOG_WARN 2

/**
 * And what happens, a line a step at most.
 */
#define MOV_LOG_INFO 3

/**
 * And how, a line an iteration at most.
 */
#define MOV_LOG_DEBUG 4

/**
 * And all the rest.
 */
#define MOV_LOG_TRACE 5

/**
 * One term of the energy F, with its parameters.
 */
typedef struct mov_energy mov_energy;

/**
 * What a solver is to do: a set of options, each with a default.
 */
typedef struct mov_options mov_options;

/**
 * A gradient flow that is being solved.
 */
typedef struct mov_solver mov_solver;

/**
 * The state of a solver between two steps, in memory.
 */
typedef struct mov_state mov_state;

/**
 * A writer of a series of snapshots into a folder.
 */
typedef struct mov_writer mov_writer;

/**
 * A density f(x, u, p), p = grad u, and its first derivatives at n points in dimension d.
 *
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[in]  u          [n], values there
 * @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
 *                        MOV_USES_GRADIENT
 * @param[out] f          [n], receives the density; may be NULL, where it is not wanted
 * @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
 * @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
 *                        MOV_USES_GRADIENT
 * @param[in]  user_data  as it was handed over
 *
 * Arrays are row-major, belong to the library and are valid during the call.
 *
 * Returns 0, a value above 0 if the step may succeed when it is made smaller (the caller gets
 * MOV_TRY_AGAIN), or a value below 0 if not (MOV_ERROR_CALLBACK). It is called on the thread that
 * calls the library, never on another, and must not leave by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_energy_fn)(uint64_t n,
                                 uint64_t d,
                                 const double *x,
                                 const double *u,
                                 const double *p,
                                 double *f,
                                 double *f_u,
                                 double *f_p,
                                 void *user_data);

/**
 * A density f(t, x, u, p) that depends on time, and its first derivatives; the other arguments are
 * those of `mov_energy_fn`.
 *
 * @param[in]  t          the time, of all points. Calls come for the times of the stages of a scheme,
 *                        in any order and more than once: f is a function of t as it is of x.
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[in]  u          [n], values there
 * @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
 *                        MOV_USES_GRADIENT
 * @param[out] f          [n], receives the density; may be NULL, where it is not wanted
 * @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
 * @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
 *                        MOV_USES_GRADIENT
 * @param[in]  user_data  as it was handed over
 *
 * Returns and threads: as `mov_energy_fn`.
 */
typedef int32_t (*mov_energy_in_time_fn)(double t,
                                         uint64_t n,
                                         uint64_t d,
                                         const double *x,
                                         const double *u,
                                         const double *p,
                                         double *f,
                                         double *f_u,
                                         double *f_p,
                                         void *user_data);

/**
 * A kernel W(x, y) = W(y, x), or W(t, x, y), and its gradient in x at n pairs of points in dimension d.
 *
 * @param[in]  t          the time, of all pairs; of use with MOV_USES_TIME only
 * @param[in]  n          pairs
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], first points
 * @param[in]  y          [n][d], second points
 * @param[out] w          [n], receives W(x, y); may be NULL, where it is not wanted
 * @param[out] w_x        [n][d], receives the gradient of W(x, y) in x; may be NULL, where it is not
 *                        wanted
 * @param[in]  user_data  as it was handed over
 *
 * Pairs with x = y occur: the density is carried by points with masses, each of which meets itself.
 * There the gradient is 0, and where W is infinite it is to be 0 too. What a kernel that is infinite there
 * does within the share of each point is found from W at points nearby, which it is asked for too, as of a
 * function of x - y. Numbers that are not finite are refused with the pair.
 *
 * Returns and threads: as `mov_energy_fn`.
 */
typedef int32_t (*mov_pair_fn)(double t,
                               uint64_t n,
                               uint64_t d,
                               const double *x,
                               const double *y,
                               double *w,
                               double *w_x,
                               void *user_data);

/**
 * A density f(t, x, u, p) of a field u of c components, p = grad u, and its first derivatives at n points in
 * dimension d.
 *
 * @param[in]  t          the time, of all points; 0 without MOV_USES_TIME. Calls come for the times of
 *                        the stages of a scheme, in any order and more than once.
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  c          the components, as many as the energy was made with
 * @param[in]  x          [n][d], positions
 * @param[in]  u          [n][c], values there
 * @param[in]  p          [n][c][d], gradients: entry [i][k] is the derivative of component i along axis k; may
 *                        be NULL, and is unless the energy was made with MOV_USES_GRADIENT
 * @param[out] f          [n], receives the density; may be NULL, where it is not wanted
 * @param[out] f_u        [n][c], receives df/du; may be NULL, where it is not wanted
 * @param[out] f_p        [n][c][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
 *                        MOV_USES_GRADIENT
 * @param[in]  user_data  as it was handed over
 *
 * Returns and threads: as `mov_energy_fn`.
 */
typedef int32_t (*mov_system_fn)(double t,
                                 uint64_t n,
                                 uint64_t d,
                                 uint64_t c,
                                 const double *x,
                                 const double *u,
                                 const double *p,
                                 double *f,
                                 double *f_u,
                                 double *f_p,
                                 void *user_data);

/**
 * A density f(t, x, u, p, h), p = grad u and h = Hess u, and its first derivatives at n points in dimension d.
 *
 * @param[in]  t          the time, of all points; 0 without MOV_USES_TIME. Calls come for the times of
 *                        the stages of a scheme, in any order and more than once.
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[in]  u          [n], values there
 * @param[in]  p          [n][d], gradients of u; may be NULL, and is unless the energy was made with
 *                        MOV_USES_GRADIENT
 * @param[in]  h          [n][d][d], second derivatives of u, symmetric
 * @param[out] f          [n], receives the density; may be NULL, where it is not wanted
 * @param[out] f_u        [n], receives df/du; may be NULL, where it is not wanted
 * @param[out] f_p        [n][d], receives df/dp; may be NULL, where it is not wanted; wanted only with
 *                        MOV_USES_GRADIENT
 * @param[out] f_h        [n][d][d], receives df/dh, so that for a symmetric change of h the sum of its products
 *                        with f_h is the change of f: of f = tr(h)^2 / 2 it is tr(h) on the diagonal; may be
 *                        NULL, where it is not wanted
 * @param[in]  user_data  as it was handed over
 *
 * Arrays are row-major, belong to the library and are valid during the call.
 *
 * Returns and threads: as `mov_energy_fn`.
 */
typedef int32_t (*mov_hessian_fn)(double t,
                                  uint64_t n,
                                  uint64_t d,
                                  const double *x,
                                  const double *u,
                                  const double *p,
                                  const double *h,
                                  double *f,
                                  double *f_u,
                                  double *f_p,
                                  double *f_h,
                                  void *user_data);

/**
 * A source s(t, x) at n points in dimension d.
 *
 * @param[in]  t          the time, of all points. Calls come for the times of the stages of a scheme,
 *                        in any order and more than once: s is a function of t as it is of x.
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[out] s          [n], receives the source: what it adds to du/dt
 * @param[in]  user_data  as it was handed over
 *
 * Returns and threads: as `mov_energy_fn`.
 */
typedef int32_t (*mov_source_fn)(double t,
                                 uint64_t n,
                                 uint64_t d,
                                 const double *x,
                                 double *s,
                                 void *user_data);

/**
 * A function of the state whose root in time ends a run: of the time reached, the energy F(u), and u at the
 * points of the run, `x` [n][d] and `u` [n], or [n][c] of a solver with `components` = c. The result is written to `value`.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, after each step and while a root
 * is located, and must not leave by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_event_fn)(double time,
                                double energy,
                                uint64_t n,
                                uint64_t d,
                                const double *x,
                                const double *u,
                                double *value,
                                void *user_data);

/**
 * A collective operation on n numbers, `values` [n], in place: every rank calls the same one at the same
 * time with the same n. What it does, see `mov_solver_set_communicator`. The array belongs to the
 * library and is valid during the call.
 *
 * Returns 0, or another value if it failed: the call that needed it then returns MOV_ERROR_CALLBACK on
 * every rank. It is called on the thread that calls the library, never on another, and must not leave
 * by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_collective_fn)(uint64_t n, double *values, void *user_data);

/**
 * Says which of n points in dimension d are inside a region: `x` [n][d] is the input, and every
 * entry of `inside` [n] is set to 1 (inside) or 0 (outside). Arrays belong to the library and are
 * valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). The same point must always get the same answer. It is called on the thread
 * that calls the library, never on another, and must not leave by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_inside_fn)(uint64_t n,
                                 uint64_t d,
                                 const double *x,
                                 int32_t *inside,
                                 void *user_data);

/**
 * Values g(t, x) at n points of the boundary in dimension d: `t` and `x` [n][d] are the input, `g` [n] the
 * output. Arrays belong to the library and are valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
 * by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_boundary_value_fn)(double t,
                                         uint64_t n,
                                         uint64_t d,
                                         const double *x,
                                         double *g,
                                         void *user_data);

/**
 * A mobility M(t, x, u) > 0 at n points in dimension d.
 *
 * @param[in]  t          the time, of all points
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[in]  u          [n], values of the field there; may be NULL, and is unless the mobility was set with
 *                        MOV_USES_VALUE
 * @param[out] m          [n], receives M
 * @param[in]  user_data  as it was handed over
 *
 * Arrays belong to the library and are valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
 * by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_mobility_fn)(double t,
                                   uint64_t n,
                                   uint64_t d,
                                   const double *x,
                                   const double *u,
                                   double *m,
                                   void *user_data);

/**
 * Bounds lo(x) <= u <= hi(x) at n points in dimension d.
 *
 * @param[in]  n          points
 * @param[in]  d          the dimension
 * @param[in]  x          [n][d], positions
 * @param[out] lower      [n], receives lo; it holds -INFINITY, which stays where there is none
 * @param[out] upper      [n], receives hi; it holds INFINITY, which stays where there is none
 * @param[in]  user_data  as it was handed over
 *
 * Arrays belong to the library and are valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
 * by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_bounds_fn)(uint64_t n,
                                 uint64_t d,
                                 const double *x,
                                 double *lower,
                                 double *upper,
                                 void *user_data);

/**
 * A function phi(I) of an integral I.
 *
 * @param[in]  integral   I
 * @param[out] phi        [3], receives phi, its first and its second derivative at I
 * @param[in]  user_data  as it was handed over
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and must not leave
 * by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_function_of_integral_fn)(double integral, double *phi, void *user_data);

/**
 * Values of a function at n points in dimension d: `x` [n][d] is the input, `u` [n] the output, or `u` [n][c] of
 * a solver with `components` = c.
 * Arrays belong to the library and are valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and
 * must not leave by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_value_fn)(uint64_t n, uint64_t d, const double *x, double *u, void *user_data);

/**
 * Gradients of a function: `grad` [n][d], or [n][c][d], is the output; otherwise as `mov_value_fn`.
 */
typedef int32_t (*mov_gradient_fn)(uint64_t n,
                                   uint64_t d,
                                   const double *x,
                                   double *grad,
                                   void *user_data);

/**
 * Values of a field of the host's own at n points in dimension d: `x` [n][d] and `u` [n], or [n][c] of
 * a solver with `components` = c, the solution or density there, are the input, and `values` [n][components] the output, in which NaN leaves a blank. Arrays
 * belong to the library and are valid during the call.
 *
 * Returns 0, or another value to give up (above 0 the caller gets MOV_TRY_AGAIN, below 0
 * MOV_ERROR_CALLBACK). It is called on the thread that calls the library, never on another, and
 * must not leave by an exception, longjmp or pthread_exit.
 */
typedef int32_t (*mov_field_fn)(uint64_t n,
                                uint64_t d,
                                const double *x,
                                const double *u,
                                double *values,
                                void *user_data);

/**
 * Told now and then where a long call is: `fitting` is 1 in the fit of a field, in the beginning or handed
 * over between steps, and 0 in a step;
 * `step` counts the steps completed; `time` is the time reached; `iteration` counts the
 * minimiser's iterations in this fit or step; `objective` is what is being minimised, or in a fit
 * its relative error.
 *
 * Returns 0 to go on, another value to cancel: the call then returns MOV_CANCELLED, and the
 * solver is at its last whole step. It is called on the thread that calls the library. It must
 * not leave by an exception, longjmp or pthread_exit, and calls on the same solver are refused as busy.
 */
typedef int32_t (*mov_progress_fn)(int32_t fitting,
                                   uint64_t step,
                                   double time,
                                   uint64_t iteration,
                                   double objective,
                                   void *user_data);

/**
 * Receives one message of the log: `level` from MOV_LOG_ERROR to MOV_LOG_TRACE, `message`
 * NUL-terminated UTF-8, valid during the call. It may be called on any thread, several at once,
 * and must not leave by an exception, longjmp or pthread_exit. What the library logs while it runs is dropped.
 */
typedef void (*mov_log_fn)(int32_t level, const char *message, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * What went wrong in the last call on this thread that failed.
 *
 * Returns a NUL-terminated UTF-8 text that belongs to the library, "" if no call has failed;
 * never NULL. It names the argument, what was given and what is accepted. It stays valid until
 * the next call on the same thread; calls that succeed keep the text.
 *
 * Threads: any; each has its own message.
 */
const char *mov_last_error(void);

/**
 * The status of the last call on this thread that failed: that of functions which return a handle
 * or nothing, too.
 *
 * Returns `MOV_OK` if no call has failed; calls that succeed keep the status, as they keep the
 * text of `mov_last_error`.
 *
 * Threads: any; each has its own status.
 */
int32_t mov_last_status(void);

/**
 * The version of the library, such as "1.0.0": static, NUL-terminated.
 *
 * Threads: any.
 */
const char *mov_version(void);

/**
 * The `MOV_ABI_VERSION` of the library that is running, to be compared with that of the header.
 *
 * Threads: any.
 */
int32_t mov_abi_version(void);

/**
 * A new set of options, all at their defaults.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_options_free`.
 *
 * Threads: any.
 */
mov_options *mov_options_create(void);

/**
 * Frees options. Solvers that were created with them keep their own copy.
 *
 * @param[in]  options  may be NULL, which does nothing. A handle that is not alive is left alone
 *                      and noted in `mov_last_error`.
 *
 * Threads: any.
 */
void mov_options_free(mov_options *options);

/**
 * Sets an option of type `real`.
 *
 * @param[in]  options  alive
 * @param[in]  name     the option, see `mov_options_describe`
 * @param[in]  value    finite and in the option's range
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if the name is unknown, the option has another type or
 * the value is out of range, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the options
 * stay as they were.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_options_set_real(mov_options *options, const char *name, double value);

/**
 * Sets an option of type `integer`; otherwise as `mov_options_set_real`.
 */
int32_t mov_options_set_integer(mov_options *options, const char *name, int64_t value);

/**
 * Sets an option of type `text`; otherwise as `mov_options_set_real`.
 *
 * @param[in]  value  one of the option's choices; copied
 */
int32_t mov_options_set_text(mov_options *options, const char *name, const char *value);

/**
 * Sets an option of type `reals`; otherwise as `mov_options_set_real`.
 *
 * @param[in]  n       how many numbers; at least 1
 * @param[in]  values  [n], each in the option's range; copied
 */
int32_t mov_options_set_reals(mov_options *options,
                              const char *name,
                              uint64_t n,
                              const double *values);

/**
 * Sets an option of type `integers`; otherwise as `mov_options_set_real`.
 *
 * @param[in]  n       how many numbers; at least 1
 * @param[in]  values  [n], each in the option's range; copied
 */
int32_t mov_options_set_integers(mov_options *options,
                                 const char *name,
                                 uint64_t n,
                                 const int64_t *values);

/**
 * The value of an option of type `real`, set or default.
 *
 * @param[in]  options  alive
 * @param[in]  name     the option
 * @param[out] value    receives the value
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if the name is unknown or the option has another type,
 * `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_options_get_real(const mov_options *options, const char *name, double *value);

/**
 * The value of an option of type `integer`; otherwise as `mov_options_get_real`.
 */
int32_t mov_options_get_integer(const mov_options *options, const char *name, int64_t *value);

/**
 * The value of an option of type `text`; otherwise as `mov_options_get_real`.
 *
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 */
int32_t mov_options_get_text(const mov_options *options,
                             const char *name,
                             char *buffer,
                             uint64_t size,
                             uint64_t *needed);

/**
 * The value of an option of type `reals`; otherwise as `mov_options_get_real`.
 *
 * @param[in]  capacity  how many numbers `values` has room for; too few are MOV_ERROR_ARGUMENT
 * @param[out] values    [capacity], receives the numbers; may be NULL, to ask for their count
 *                       alone
 * @param[out] count     receives how many numbers there are
 */
int32_t mov_options_get_reals(const mov_options *options,
                              const char *name,
                              uint64_t capacity,
                              double *values,
                              uint64_t *count);

/**
 * The value of an option of type `integers`; otherwise as `mov_options_get_reals`.
 */
int32_t mov_options_get_integers(const mov_options *options,
                                 const char *name,
                                 uint64_t capacity,
                                 int64_t *values,
                                 uint64_t *count);

/**
 * Every option that there is, as a JSON array of objects with `name`, `type` ("real",
 * "integer", "text", "reals", "integers"), `default`, `help`, `live` (whether
 * `mov_solver_set_options` may change it), and `minimum` and `maximum` or `choices`.
 *
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_options_describe(char *buffer, uint64_t size, uint64_t *needed);

/**
 * The energy of a plugin by its id, such as "dirichlet", the Dirichlet energy kappa/2 int |grad u|^2 (values on the
 * boundary are given by `mov_solver_set_dirichlet`). Plugins are looked for in the folders
 * of the environment variable MOVIMENTO_PLUGIN_PATH (separated by colons), in the folder
 * `movimento/plugins` beside the library, and beside the library.
 *
 * @param[in]  id  lower case letters, digits and '-'
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`: the folders searched, the ids
 * found, the files refused. The caller frees it with `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create(const char *id);

/**
 * The energy of the plugin in a file. A plugin is loaded once, and never unloaded.
 *
 * @param[in]  path  of the shared object, absolute or relative to the working directory
 * @param[in]  id    which of its energies; may be NULL, for its first
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_from_file(const char *path, const char *id);

/**
 * The energy int f(x, u, grad u) dx with the density f given by a callback. Its second
 * derivatives, which a step needs for its direction only, are taken as differences.
 *
 * @param[in]  name       for messages and reports; copied
 * @param[in]  function   the density; not NULL
 * @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION and MOV_CONVEX
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
 *                        and every solver that it was added to are freed.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_callback(const char *name,
                                       mov_energy_fn function,
                                       uint32_t flags,
                                       void *user_data);

/**
 * The energy int f(t, x, u, grad u) dx with a density f that depends on time. The flow is
 * du/dt = -grad F(t, u); schemes keep their order, each stage taking f at its own time. Not for
 * `transport` = w2gn, which refuses it.
 *
 * @param[in]  name       for messages and reports; copied
 * @param[in]  function   the density; not NULL
 * @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION and MOV_CONVEX
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
 *                        and every solver that it was added to are freed.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_callback_in_time(const char *name,
                                               mov_energy_in_time_fn function,
                                               uint32_t flags,
                                               void *user_data);

/**
 * Sets a parameter of a plugin's energy.
 *
 * @param[in]  energy     alive
 * @param[in]  parameter  its name, see `mov_plugin_describe`
 * @param[in]  value      finite and in the parameter's range
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if there is no such parameter or the value does not fit,
 * `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the parameter stays as it was. Solvers
 * that the energy was added to before keep the former value.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_energy_set_real(mov_energy *energy, const char *parameter, double value);

/**
 * Sets a parameter that takes several numbers; otherwise as `mov_energy_set_real`.
 *
 * @param[in]  n       how many numbers; at least 1
 * @param[in]  values  [n], each finite and in the parameter's range; copied
 */
int32_t mov_energy_set_reals(mov_energy *energy,
                             const char *parameter,
                             uint64_t n,
                             const double *values);

/**
 * Frees an energy. Solvers that it was added to keep their own copy.
 *
 * @param[in]  energy  may be NULL, which does nothing. A handle that is not alive is left alone
 *                     and noted in `mov_last_error`.
 *
 * Threads: any.
 */
void mov_energy_free(mov_energy *energy);

/**
 * The interaction 1/2 int int W(x, y) rho(x) rho(y) dx dy with the kernel given by a callback, for
 * flows in Wasserstein space; in L2 it is refused.
 *
 * @param[in]  name       for messages and reports; copied
 * @param[in]  function   the kernel, even: W(x, y) = W(y, x); not NULL
 * @param[in]  flags      0, or MOV_USES_TIME if W depends on t
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
 *                        and every solver that it was added to are freed.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_pair_callback(const char *name,
                                            mov_pair_fn function,
                                            uint32_t flags,
                                            void *user_data);

/**
 * The energy int f(t, x, u, grad u) dx of a field u of several components, with the density f given by a
 * callback: the flow is du_i/dt = -dF/du_i. It is for solvers with as many `components`. Second derivatives,
 * which a step needs for its direction only, are taken as differences.
 *
 * @param[in]  name        for messages and reports; copied
 * @param[in]  function    the density; not NULL
 * @param[in]  components  c, from 1 to 16
 * @param[in]  flags       an or of MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME and MOV_CONVEX
 * @param[in]  user_data   handed to `function`; may be NULL. It must stay valid until the energy
 *                         and every solver that it was added to are freed.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_system(const char *name,
                                     mov_system_fn function,
                                     uint64_t components,
                                     uint32_t flags,
                                     void *user_data);

/**
 * The energy int f(t, x, u, grad u, Hess u) dx with the density f given by a callback: of plates, of
 * Swift and Hohenberg's pattern formation, of Willmore's functional. Its flow du/dt = -grad F is of fourth order.
 * On sides of the domain where u has no given value the natural conditions of F hold: of a plate those of a free
 * edge, and of one with given values those of a simple support; `embedding` = periodic or neumann make others.
 *
 * It is for `flow` = l2 with `components` = 1 and a field of random features (`training` = outputs, the default
 * in up to three dimensions), whose steps are in weak form. What takes the strong form, which has fourth derivatives
 * of u, is not known: of reports `residual`, `error_bound` and `boundary_flux`, and du/dt. The second derivatives of
 * f, which a step needs for its direction only, are taken as differences.
 *
 * @param[in]  name       for messages and reports; copied
 * @param[in]  function   the density; not NULL
 * @param[in]  flags      an or of MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME and MOV_CONVEX, this of one
 *                        that is convex in (u, p, h)
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the energy
 *                        and every solver that it was added to are freed.
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_energy_free`.
 *
 * Threads: any.
 */
mov_energy *mov_energy_create_with_hessian(const char *name,
                                           mov_hessian_fn function,
                                           uint32_t flags,
                                           void *user_data);

/**
 * What plugins offer, as a JSON array of objects with `id`, `name`, `version`, `formula`,
 * `references`, `flags`, `extensions`, `file` and `parameters`, each of these an object with
 * `name`, `type` ("real", "integer", "reals"), `default`, `minimum`, `maximum` (null where the
 * range has no end) and `help`. Nothing is instantiated.
 *
 * @param[in]  what    an energy's id; the path of a plugin (a text with a '/' or a '.'); may be
 *                     NULL, for every energy that `mov_energy_create` finds
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the id is not found or the file is refused, or
 * `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_plugin_describe(const char *what, char *buffer, uint64_t size, uint64_t *needed);

/**
 * A solver for the problem that the options describe.
 *
 * @param[in]  options  alive; copied, so that it can be changed and freed afterwards
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with
 * `mov_solver_free`. Separate solvers share nothing.
 *
 * Threads: any.
 */
mov_solver *mov_solver_create(const mov_options *options);

/**
 * Frees a solver. If another call is using it, it is gone when that call returns.
 *
 * @param[in]  solver  may be NULL, which does nothing. A handle that is not alive is left alone
 *                     and noted in `mov_last_error`.
 *
 * Threads: any.
 */
void mov_solver_free(mov_solver *solver);

/**
 * Adds a term to F, the sum of all energies added. Terms can be added until the first step, and
 * with `transport` = dual or collocation, or the library's choice of them, until the initial
 * condition.
 *
 * @param[in]  solver  alive
 * @param[in]  energy  alive; copied with its parameters as they are now
 *
 * Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the plugin refuses its parameters or lacks a
 * capability that the flow needs, `MOV_ERROR_STATE` after the first step, or
 * `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_add_energy(mov_solver *solver, const mov_energy *energy);

/**
 * One time step.
 *
 * @param[in]  solver  alive, with an energy and an initial condition
 *
 * Returns `MOV_OK`, a recoverable status above 0 (`MOV_NOT_CONVERGED`, `MOV_CANCELLED`,
 * `MOV_TRY_AGAIN`, `MOV_ENERGY_INCREASE`), `MOV_ERROR_STATE` if an energy or the initial
 * condition is missing, or what went wrong in an energy (`MOV_ERROR_PLUGIN`,
 * `MOV_ERROR_CALLBACK`, `MOV_ERROR_NOT_FINITE`). On failure the solver is what it was before.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_step(mov_solver *solver);

/**
 * One time step of a length that is given for this step only; otherwise as `mov_solver_step`. With the option
 * `step_tolerance` as many steps as it takes to go on by this time.
 *
 * @param[in]  tau  in the range of the option `tau`; that of the solver stays
 *
 * Returns also `MOV_ERROR_OPTION` if it is out of range.
 */
int32_t mov_solver_step_by(mov_solver *solver,
                           double tau);

/**
 * Steps until a time, the last step shortened to end there exactly.
 *
 * @param[in]  solver  alive, with an energy and an initial condition
 * @param[in]  time    in the unit of time of `tau`; not before the time reached
 *
 * Returns as `mov_solver_step`, and `MOV_ERROR_ARGUMENT` for a time that is past or not finite.
 * On failure the solver is at its last whole step.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_step_to(mov_solver *solver, double time);

/**
 * The time reached; 0 before the first step.
 *
 * @param[in]  solver  alive
 * @param[out] time    receives it, in the unit of time of `tau`
 *
 * Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_get_time(const mov_solver *solver, double *time);

/**
 * How many steps were taken; otherwise as `mov_solver_get_time`.
 *
 * @param[out] steps  receives it
 */
int32_t mov_solver_get_steps(const mov_solver *solver, uint64_t *steps);

/**
 * The components of the field u, as the option `components` says; otherwise as `mov_solver_get_time`.
 *
 * @param[out] components  receives c
 */
int32_t mov_solver_get_components(const mov_solver *solver,
                                  uint64_t *components);

/**
 * The time step that the next step takes; otherwise as `mov_solver_get_time`.
 *
 * @param[out] tau  receives it
 */
int32_t mov_solver_get_tau(const mov_solver *solver, double *tau);

/**
 * Changes the time step from the next step on.
 *
 * @param[in]  solver  alive
 * @param[in]  tau     in the range of the option `tau`
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if it is out of range, or `MOV_ERROR_HANDLE`. On failure
 * it stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_tau(mov_solver *solver, double tau);

/**
 * Changes options from the next step on, such as those that a refused step advises to change.
 *
 * Of the options that `mov_options_describe` calls `live` any may change: tolerances, iterations, `effort`,
 * `tau`, and of a field `nodes` and `hidden`. Another `hidden` takes a fit of the new network to the
 * present field, to the option `fit_accept`; figure `fit_relative_error` of the report tells how well it
 * did. A snapshot holds the options as they are when it is written. Collective with a communicator.
 *
 * @param[in]  solver   alive
 * @param[in]  options  those that the solver was made with, or last given here, but for the ones that
 *                      change; copied
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if another option differs, if options do not go together, or
 * for `nodes` and `hidden` of a flow in Wasserstein space, which keeps them, `MOV_ERROR_HANDLE`, or
 * what fits of initial conditions return. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_options(mov_solver *solver,
                               const mov_options *options);

/**
 * Adds a source: du/dt = -grad F(u) + s(t, x). It is the energy -int s(t, x) u dx, named "source", of
 * which reports, energies and snapshots tell as of the others. Sources can be added until the first
 * step. In Wasserstein space, where mass is kept, they are refused.
 *
 * @param[in]  solver     alive
 * @param[in]  function   the source; not NULL
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the solver is
 *                        freed.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if `function` is NULL, `MOV_ERROR_PLUGIN` in Wasserstein
 * space, `MOV_ERROR_STATE` after the first step, or `MOV_ERROR_HANDLE`. On failure the solver stays
 * as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_add_source(mov_solver *solver,
                              mov_source_fn function,
                              void *user_data);

/**
 * Saves the state of a solver in memory: the field, the time, and all that steps depend on, tau and the
 * options among it. A step from it leads to the same bits each time, as implicit coupling needs that takes
 * a window of time again. It costs the memory of the state and no computation.
 *
 * @param[in]  solver  alive, with an initial condition
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller frees it with `mov_state_free`;
 * it outlives the solver. Functions of the host that the solver calls must live as long.
 *
 * Threads: any, beside others that look.
 */
mov_state *mov_solver_save_state(const mov_solver *solver);

/**
 * Goes back, or on, to a state that was saved of this solver or of a clone. It can be restored again.
 *
 * @param[in]  solver  alive
 * @param[in]  state   alive
 *
 * With a communicator it is collective, and each rank restores what it saved. Returns `MOV_OK`,
 * `MOV_ERROR_ARGUMENT` if the state is of another solver, or `MOV_ERROR_HANDLE`. On failure the solver
 * stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_restore_state(mov_solver *solver,
                                 const mov_state *state);

/**
 * Frees a state.
 *
 * @param[in]  state  may be NULL, which does nothing. A handle that is not alive is left alone
 *                    and noted in `mov_last_error`.
 *
 * Threads: any.
 */
void mov_state_free(mov_state *state);

/**
 * A solver of its own that goes on from the same state to the same bits, with threads of its own and
 * without progress callback. Energies and functions of the host are shared: they are called by both.
 *
 * @param[in]  solver  alive; with or without initial condition
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`: `MOV_ERROR_STATE` of a solver with a
 * communicator. The caller frees it with `mov_solver_free`.
 *
 * Threads: any, beside others that look; the two may then run in separate threads, if what they
 * call may.
 */
mov_solver *mov_solver_clone(const mov_solver *solver);

/**
 * Steps until the first of: a time, rest, a root of a function of the host, the end of a budget of seconds. The
 * state is then that of a whole step, and can be stepped on.
 *
 * At rest means that the rate of change is below the tolerance relative to the fastest that the flow has had,
 * and that the flow would change by less than that part of its size in as long a time as it has taken so far;
 * or that a step moves no more than what its minimiser leaves. A root is located to 1e-7 of a step, by steps of
 * other lengths from the state before it, and the state is that of just after it.
 *
 * @param[in]  solver     alive, with an energy and an initial condition
 * @param[in]  time       reached exactly, not before the time reached; or INFINITY, for none
 * @param[in]  rest       tolerance of rest, below 1; 0 for none
 * @param[in]  seconds    by the clock, after which no step is begun, above 0; or INFINITY, for none
 * @param[in]  n          points at which the function looks at u; may be 0
 * @param[in]  x          [n][d], row-major, finite, in the user's unit of length; may be NULL, for none
 * @param[in]  event      the function; may be NULL, for none. Used during this call only.
 * @param[in]  user_data  handed to `event`; may be NULL
 * @param[out] ended      receives MOV_ENDED_TIME, _REST, _EVENT or _SECONDS; may be NULL
 *
 * Collective with a communicator, where the clock, the points and the function of rank 0 count. Returns as
 * `mov_solver_step`, `MOV_ERROR_ARGUMENT` also if nothing is given that ends the run, what the function
 * answered, and `MOV_ERROR_NOT_FINITE` if it gave no number. On failure the solver is at its last whole step.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_run(mov_solver *solver,
                       double time,
                       double rest,
                       double seconds,
                       uint64_t n,
                       const double *x,
                       mov_event_fn event,
                       void *user_data,
                       int32_t *ended);

/**
 * Splits the nodes of a solver among ranks, such as processes of MPI (`movimento_mpi.h` does this call
 * for an MPI_Comm). Every rank makes a solver of its own with the same options (but for `threads`) and the
 * same energies, and calls this before the initial condition and before `mov_solver_set_nodes`,
 * `mov_solver_set_boundary` and what is posed on the boundary.
 *
 * The answer does not depend on the number of ranks but for rounding: sums over nodes are taken in the
 * same order on 1, 2, 4 and 8 ranks. On other numbers, and without a communicator, the order is another one,
 * and the fit of the initial condition lets the rounding grow, up to `fit_tolerance`.
 *
 * From then on these calls are collective, that is, all ranks make them in the same order with the same
 * arguments, and get the same status; what fails on one rank, a callback, an argument or a cancelled
 * progress, fails on all, and the message names the rank:
 * - this one;
 * - `mov_solver_add_boundary_energy` and `mov_solver_set_dirichlet`;
 * - `mov_solver_set_nodes`, `mov_solver_set_boundary`, `mov_solver_set_initial_values` and
 *   `mov_solver_set_initial_particles`, for which each rank gives its own points, perhaps none;
 * - the other `mov_solver_set_initial_*`; of `mov_solver_set_initial_callback` each rank's functions are
 *   asked for its own points, unless there is the option `initial_smoothing`;
 * - `mov_solver_set_state_*` and `mov_solver_add_increment_*`, as `mov_solver_set_initial_values` and
 *   `_callback`, `mov_solver_set_time`, `mov_solver_set_parameters` and `mov_solver_restore_state`;
 * - `mov_solver_step`, `mov_solver_step_by`, `mov_solver_step_to` and `mov_solver_run`;
 * - `mov_solver_energy`, `mov_solver_energy_term`, `mov_solver_write_snapshot`, `mov_writer_create` and
 *   `mov_writer_write`, whose files rank 0 writes, and `mov_solver_restore`, whose file it reads.
 *
 * All others are local: `mov_solver_evaluate`, reports and what is asked of densities. Progress is told
 * on every rank that asked for it. Handles must be alive: a freed one is noticed on its rank alone.
 *
 * @param[in]  solver     alive, without an initial condition; with the option `transport` = map
 *                        where `flow` = wasserstein
 * @param[in]  rank       this rank, from 0
 * @param[in]  size       how many ranks there are; with 1 the functions are not called
 * @param[in]  sum        replaces each number by its sum over the ranks; the sums need not have
 *                        the same bits on every rank; not NULL
 * @param[in]  max        replaces each number by the largest of the ranks; not NULL
 * @param[in]  broadcast  replaces the numbers by those of rank 0; not NULL
 * @param[in]  user_data  handed to the three; may be NULL. It must stay valid until the solver is
 *                        freed.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such rank or a function does not do what it
 * should, `MOV_ERROR_STATE` if it comes too late or a second time, `MOV_ERROR_OPTION` for `transport` =
 * w2gn, `MOV_ERROR_CALLBACK` if a function fails, or `MOV_ERROR_HANDLE`. On failure the solver stays as
 * it was.
 *
 * Threads: any, one call at a time on one handle. The functions are called on the calling thread.
 */
int32_t mov_solver_set_communicator(mov_solver *solver,
                                    int32_t rank,
                                    int32_t size,
                                    mov_collective_fn sum,
                                    mov_collective_fn max,
                                    mov_collective_fn broadcast,
                                    void *user_data);

/**
 * Cuts the box of `lower` and `upper`: the domain is where the callback says so. Called before
 * `mov_solver_set_initial_*`; a second call replaces the first. The option `embedding` must be none,
 * or auto, which becomes none.
 *
 * The region should be enclosed closely by the box. Parts and gaps that are thinner than 1/250 of a
 * side (d = 2; 1/90 for d = 3) may be missed. With the option `quadrature` gauss (d up to 3) the
 * boundary is found to rounding along lines; random nodes are those of the box that are inside.
 * Snapshots show NaN outside.
 *
 * @param[in]  solver     alive, without an initial condition
 * @param[in]  inside     the region; not NULL. Used during this call, in each step with random
 *                        nodes and for snapshots.
 * @param[in]  user_data  handed to `inside`; may be NULL. It must stay valid until the solver is
 *                        freed.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if no point or less than 1e-4 of the box is inside or an
 * answer is neither 0 nor 1, `MOV_ERROR_OPTION` if the options `domain`, `embedding` or `quadrature`
 * do not fit, `MOV_ERROR_STATE` after the initial condition, what the callback answered, or
 * `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_set_inside(mov_solver *solver,
                              mov_inside_fn inside,
                              void *user_data);

/**
 * Takes all integrals with nodes of the host, such as the quadrature points of its mesh. The domain is
 * what they cover. Called before `mov_solver_set_initial_*`; a second call replaces the first. The
 * option `embedding` must be none, or auto, which becomes none; `quadrature` and `nodes` no longer
 * matter.
 *
 * @param[in]  solver   alive, without an initial condition
 * @param[in]  n        nodes; n (1 + d) must be no less than the parameters of the network
 * @param[in]  x        [n][d], row-major, inside the box of `lower` and `upper`, which should
 *                      enclose them closely: it scales the input of the network
 * @param[in]  w        [n], weights, 0 or larger, which sum to the volume; rules with negative weights, such as
 *                      those of third order on tetrahedra, are refused: take one of positive weights
 * @param[in]  n_check  nodes of a second, independent set, on which each step is checked: finer
 *                      than the first at best. With 0 every eighth node is held out, and its
 *                      weight goes to the seven about it in the order given, which costs accuracy.
 * @param[in]  x_check  [n_check][d], as x; may be NULL, if n_check is 0
 * @param[in]  w_check  [n_check], as w; may be NULL, if n_check is 0
 *
 * The arrays are copied. With a communicator each rank gives its own nodes, perhaps none. The figure `boundary_flux` of the report is NaN unless
 * `mov_solver_set_boundary` or `mov_solver_set_inside` say where the boundary is.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for a position outside the box, a negative weight, a number
 * that is not finite or too few nodes, `MOV_ERROR_OPTION` if the embedding does not fit,
 * `MOV_ERROR_STATE` after the initial condition, or `MOV_ERROR_HANDLE`. On failure the solver stays
 * as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_nodes(mov_solver *solver,
                             uint64_t n,
                             const double *x,
                             const double *w,
                             uint64_t n_check,
                             const double *x_check,
                             const double *w_check);

/**
 * Takes integrals over the boundary, such as the figure `boundary_flux` of the report and those of
 * `mov_solver_add_boundary_energy`, with nodes of the host. Called before these and before
 * `mov_solver_set_initial_*`; a second call replaces the first.
 *
 * @param[in]  solver  alive, without an initial condition
 * @param[in]  n       nodes, at least 1
 * @param[in]  x       [n][d], row-major, inside the box of `lower` and `upper`
 * @param[in]  normal  [n][d], outward normals of length 1
 * @param[in]  w       [n], weights, 0 or larger, which sum to the area of the boundary
 *
 * The arrays are copied. With a communicator each rank gives its own nodes, perhaps none.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for a position outside the box, a
 * normal of another length, a negative weight or a number that is not finite, `MOV_ERROR_STATE` after
 * the initial condition, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_boundary(mov_solver *solver,
                                uint64_t n,
                                const double *x,
                                const double *normal,
                                const double *w);

/**
 * Adds to F the integral of an energy's density b(x, u) over a side of the boundary: Robin conditions
 * (b = beta u^2 / 2, plugin "quadratic"), given fluxes (b = -q u), contact angles. What holds there at each
 * minimum is the natural condition f_p . n + b_u = 0, with f the density of F in the domain and n the outward
 * normal; the figure `boundary_flux` of the report measures it. A side with neither energy nor value keeps
 * f_p . n = 0.
 *
 * Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
 * `_set_communicator`. The option `embedding` must be none, or auto, which becomes none.
 *
 * @param[in]  solver  alive, without an initial condition, with the option `flow` = l2
 * @param[in]  energy  alive, whose density does not depend on p; copied with its parameters as they are now
 * @param[in]  side    MOV_ALL_SIDES, or of a box 2 k where coordinate k (from 0) is least and 2 k + 1 where it is
 *                     largest, or a number that `mov_solver_set_boundary_sides` gave to nodes of the host
 *
 * Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such side,
 * `MOV_ERROR_PLUGIN` if the density depends on p or the energy has no density, `MOV_ERROR_OPTION` if options do
 * not fit, `MOV_ERROR_STATE` after the initial condition, for a flow in Wasserstein space or for nodes of the
 * host without a boundary, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_add_boundary_energy(mov_solver *solver,
                                       const mov_energy *energy,
                                       int32_t side);

/**
 * Gives u a value on a side of the boundary (a Dirichlet condition). (The plugin named "dirichlet" is no such
 * condition but the Dirichlet energy kappa/2 int |grad u|^2.)
 *
 * On boxes and balls of the option `domain` it holds exactly at all times. On cut boxes, on nodes of the host with
 * their boundary (`mov_solver_set_boundary`, `_set_boundary_sides`), and where it varies around a ball in three
 * dimensions or more, multipliers hold u to it at nodes on the boundary: each stage of a step is minimised in
 * rounds, until u misses it there by less than a hundredth of the option `tolerance`, or of the scheme's, of the
 * variation of u, or by as little as the network can. The figure `wall_error` of the report is the largest part of
 * that variation by which u misses it, measured also at other points of a boundary that the library knows;
 * `fit_wall_error` is that of u_0, whose fit is not held. The inequality that `energy_slack` measures is then that
 * of the functional which the last stage minimised, multipliers and penalty included.
 *
 * Called before `mov_solver_set_initial_*`, for each side once. Sides without a value keep their natural
 * condition. u_0 should have the values at t = 0: where it has not, its fit on boxes, discs and constant values of
 * balls is as good as a function with a jump can be, and elsewhere the first step has the jump. The option
 * `embedding` must be none, or auto, which becomes none, and `form` auto or weak where the value does not hold
 * exactly on all of the boundary. The parameters that `mov_solver_parameters` copies begin with the coefficients of
 * the values, or with the conductivity that the penalty is made of, the multipliers and the values at the nodes.
 *
 * @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
 * @param[in]  side       as for `mov_solver_add_boundary_energy`; the boundary of a ball or of a cut box is
 *                        MOV_ALL_SIDES
 * @param[in]  value      g(t, x); not NULL. Used during this call at t = 0, on balls also at t = `tau`, for the fit
 *                        of u_0, and at the beginning, the thirds and the end of each step, at which u has the
 *                        value. On boxes up to dimension 6 and on discs it may vary along a side, smoothly:
 *                        polynomials of degree 64 (d = 2), 24 (d = 3), 12, 8 and 6 (d = 4 to 6) along each axis or
 *                        64 waves stand for it, to rounding if it is analytic and the degree high enough. On boxes
 *                        beyond it may depend on t alone.
 * @param[in]  user_data  handed to `value`; may be NULL. It must stay valid until the solver is freed.
 *
 * Collective with a communicator, where the values of rank 0 count, or with multipliers those of each rank at its
 * own nodes. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if
 * there is no such side, if it has a value or an energy of its own already, if values of two sides contradict each
 * other where they meet (a step returns this too) or vary too fast, `MOV_ERROR_NOT_FINITE`, `MOV_ERROR_OPTION` if
 * options do not fit, `MOV_ERROR_STATE` after the initial condition, for nodes of the host without a boundary, or
 * for a flow in Wasserstein space, what the callback answered, or `MOV_ERROR_HANDLE`. On failure the solver stays as
 * it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_set_dirichlet(mov_solver *solver,
                                 int32_t side,
                                 mov_boundary_value_fn value,
                                 void *user_data);

/**
 * Gives u the same value everywhere on a side and at all times; otherwise as `mov_solver_set_dirichlet`.
 *
 * @param[in]  g  finite, in the unit of u
 */
int32_t mov_solver_set_dirichlet_constant(mov_solver *solver,
                                          int32_t side,
                                          double g);

/**
 * Takes integrals over the boundary with nodes of the host and says which part of it each is on, for energies on
 * some of them; otherwise as `mov_solver_set_boundary`.
 *
 * @param[in]  side  [n], numbers from 0 up, such as the mesh's boundary ids; may be NULL, where all are 0
 */
int32_t mov_solver_set_boundary_sides(mov_solver *solver,
                                      uint64_t n,
                                      const double *x,
                                      const double *normal,
                                      const double *w,
                                      const int32_t *side);

/**
 * Gives the flow of a field a mobility M > 0: du/dt = -M dF/du, the gradient flow in the metric
 * <v, w> = int v w / M dx, or with the option `flow` = h-1 du/dt = div(M grad dF/du) in that of H^-1, which distances, norms and the energy inequality of the report are in.
 *
 * Of M(x) schemes keep their order. M that depends on u or t is frozen for each step: for `movement` = euler at the
 * state before the step, and for `movement` = second in its middle, at the end of an implicit Euler step of half its
 * length, which costs one stage more and keeps the second order. With `movement` = third it is refused.
 *
 * Called before `mov_solver_set_initial_*`; a second call replaces the first. A restart needs the same mobility, set
 * before it.
 *
 * @param[in]  solver     alive, without an initial condition, with the option `flow` = l2 or h-1
 * @param[in]  mobility   the mobility; not NULL
 * @param[in]  flags      0 if it depends on x alone, else an or of MOV_USES_VALUE and MOV_USES_TIME
 * @param[in]  user_data  handed to `mobility`; may be NULL. It must stay valid until the solver is freed.
 *
 * Collective with a communicator: each rank's function is asked at its own nodes. Returns `MOV_OK`,
 * `MOV_ERROR_ARGUMENT` if `mobility` is NULL, there are no such flags, or M(x) is not positive,
 * `MOV_ERROR_NOT_FINITE` if it is no number, `MOV_ERROR_OPTION` with `movement` = third, `MOV_ERROR_STATE` after the
 * initial condition or for a flow in Wasserstein space, what the callback answered, or `MOV_ERROR_HANDLE`. A mobility
 * of u or t that is not positive or no number is refused so by the step that meets it. On failure the solver stays
 * as it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_set_mobility(mov_solver *solver,
                                mov_mobility_fn mobility,
                                uint32_t flags,
                                void *user_data);

/**
 * Holds u between bounds, lo(x) <= u <= hi(x): the gradient flow of F among such fields, an obstacle problem.
 *
 * Multipliers hold it at nodes of their own in the domain, the same in all steps: each stage of a step is minimised
 * in rounds, until u misses its bounds there, or what they push it to, by less than a hundredth of the option
 * `tolerance`, or of the scheme's, of the variation of u, or by as little as the network can. The figure
 * `bound_error` of the report is the largest part of that variation by which u is beyond them, measured also at
 * nodes that no step trains on. u_0 is not held: where it is beyond them, the first step has the jump. The inequality
 * that `energy_slack` measures is that of the functional which the last stage minimised, with what holds u; `residual`
 * is S/tau (u - P(u - tau r / S)) of the residual r without what holds u, P the projection between the bounds, and
 * `error_bound` is infinite. du/dt is what bounds leave of it in a time `tau`.
 *
 * Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
 * `_set_communicator`; a second call replaces the first. A restart needs the same bounds, set before it. The option
 * `form` must be auto or weak. The parameters that `mov_solver_parameters` copies have, after those of values on the
 * boundary, the stiffness that the penalty is made of and the multipliers at the nodes.
 *
 * @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
 * @param[in]  bounds     both bounds; not NULL. Used during this call, and where the nodes change.
 * @param[in]  user_data  handed to `bounds`; may be NULL. It must stay valid until the solver is freed.
 *
 * Collective with a communicator: each rank's function is asked at its own nodes. Returns `MOV_OK`,
 * `MOV_ERROR_ARGUMENT` if `bounds` is NULL or nothing is between them, `MOV_ERROR_NOT_FINITE` if one is NaN,
 * `MOV_ERROR_OPTION` with a strong `form`, `MOV_ERROR_STATE` after the initial condition or for a flow in Wasserstein
 * space, what the callback answered, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_set_bounds(mov_solver *solver,
                              mov_bounds_fn bounds,
                              void *user_data);

/**
 * Holds u between the same bounds everywhere; otherwise as `mov_solver_set_bounds`.
 *
 * @param[in]  lower  in the unit of u, or -INFINITY
 * @param[in]  upper  in the unit of u, not below `lower`, or INFINITY
 */
int32_t mov_solver_set_bounds_constant(mov_solver *solver, double lower, double upper);

/**
 * Holds the mean of u over the domain at a value, from the first step on: the gradient flow of F among fields of
 * this mean, which keeps a volume. Otherwise as `mov_solver_hold_integral`.
 *
 * @param[in]  value  finite, in the unit of u
 */
int32_t mov_solver_hold_mean(mov_solver *solver,
                             double value);

/**
 * Holds the integral of an energy's density, int g(t, x, u) dx, at a value, from the first step on. The energy is no
 * part of F. Several integrals may be held, with values that some field has.
 *
 * Each stage of a step is minimised in rounds of multipliers, and then moved along the gradients of the integrals
 * until these have their values to rounding, by the library's independent nodes, at which `mass` and `energy` are
 * measured. The figure `integral_error` of the report is the largest part of its size by which one is off its value,
 * measured also by the nodes of the steps. u_0 is not held: where its integral is another, the first step has the
 * jump. The inequality that `energy_slack` measures is that of the functional which the last stage minimised, with
 * what holds the integrals.
 *
 * Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
 * `_set_communicator`. A restart needs the same integrals and values, held before it. The option `form` must be auto
 * or weak. The parameters that `mov_solver_parameters` copies have before those of the network, for each integral,
 * the penalty and the multiplier of the last stage.
 *
 * @param[in]  solver  alive, without an initial condition, with the option `flow` = l2
 * @param[in]  energy  alive, whose density does not depend on p; copied with its parameters as they are now
 * @param[in]  value   finite
 *
 * Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_PLUGIN` if the density depends on p or the energy has
 * none, `MOV_ERROR_ARGUMENT` if the value is not finite, or the mean is held already, `MOV_ERROR_OPTION` with a
 * strong `form`, `MOV_ERROR_STATE` after the initial condition or for a flow in Wasserstein space, or
 * `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_hold_integral(mov_solver *solver,
                                 const mov_energy *energy,
                                 double value);

/**
 * Adds to F a function of the integral of an energy's density, phi(int g(t, x, u) dx): a penalty of a volume, an energy
 * that is not local. The energy itself is no part of F. The integral is that by the library's independent nodes, at
 * which energies are measured.
 *
 * Called before `mov_solver_set_initial_*`, and after `mov_solver_set_inside`, `_set_nodes`, `_set_boundary` and
 * `_set_communicator`. The option `form` must be auto or weak. With a communicator of several ranks du/dt is not known.
 *
 * @param[in]  solver     alive, without an initial condition, with the option `flow` = l2
 * @param[in]  energy     alive, whose density does not depend on p; copied with its parameters as they are now
 * @param[in]  function   phi; not NULL
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until the solver is freed.
 *
 * Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if `function` is NULL, `MOV_ERROR_PLUGIN` if
 * the density depends on p or the energy has none, `MOV_ERROR_OPTION` with a strong `form`, `MOV_ERROR_STATE` after the
 * initial condition or for a flow in Wasserstein space, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_add_function_of_integral(mov_solver *solver,
                                            const mov_energy *energy,
                                            mov_function_of_integral_fn function,
                                            void *user_data);

/**
 * Fits the network to an initial condition u_0 that is given by a callback. Time starts at 0
 * again.
 *
 * @param[in]  solver     alive
 * @param[in]  value      u_0; not NULL. Used during this call only.
 * @param[in]  gradient   grad u_0, which makes the fit cheaper and better; may be NULL, if it is
 *                        not known
 * @param[in]  user_data  handed to both; may be NULL
 *
 * Returns `MOV_OK`, `MOV_NOT_CONVERGED` if the fit's error is above the option `fit_accept`,
 * `MOV_CANCELLED`, what the callback answered, `MOV_ERROR_NOT_FINITE` if it gave NaN or
 * infinity, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_set_initial_callback(mov_solver *solver,
                                        mov_value_fn value,
                                        mov_gradient_fn gradient,
                                        void *user_data);

/**
 * Fits the network to values at points, all weighted alike. Time starts at 0 again.
 *
 * @param[in]  solver  alive
 * @param[in]  n       points; more than the network has parameters make a sound fit
 * @param[in]  x       [n][d], row-major, finite and inside the domain, in the user's unit of
 *                     length
 * @param[in]  u       [n][c], finite, u_0 at the points, c the option `components`
 * @param[in]  grad    [n][c][d], finite, grad u_0 at the points; may be NULL, if it is not known
 *
 * The arrays are read during the call. With a communicator each rank gives its own points, perhaps
 * none. Returns as `mov_solver_set_initial_callback`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_initial_values(mov_solver *solver,
                                      uint64_t n,
                                      const double *x,
                                      const double *u,
                                      const double *grad);

/**
 * Fits the network to a closed form with a name. Time starts at 0 again.
 *
 * @param[in]  solver  alive
 * @param[in]  name    one of the names that the message for an unknown one lists
 *
 * Returns as `mov_solver_set_initial_callback`, and `MOV_ERROR_ARGUMENT` for an unknown name or a
 * form of another dimension.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_initial_named(mov_solver *solver, const char *name);

/**
 * Starts a flow in Wasserstein space from a Gaussian, or a mixture of them. Time starts at 0 again.
 *
 * @param[in]  solver      alive, with the option `flow` = wasserstein
 * @param[in]  k           Gaussians, at least 1
 * @param[in]  share       [k], their masses, positive and of sum 1; may be NULL, for equal ones
 * @param[in]  mean        [k][d], in the user's unit of length
 * @param[in]  covariance  [k][d][d], symmetric and positive definite, in its square
 *
 * The arrays are read during the call. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`, `MOV_ERROR_STATE` for
 * another flow, or `MOV_ERROR_HANDLE`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_initial_gaussians(mov_solver *solver,
                                         uint64_t k,
                                         const double *share,
                                         const double *mean,
                                         const double *covariance);

/**
 * Starts a flow in Wasserstein space from the source solution of the porous medium equation
 * (Barenblatt's; equation 4.6 of the paper), of mass 1 and about the origin. Time starts at 0 again.
 *
 * @param[in]  solver  alive, with the option `flow` = wasserstein
 * @param[in]  m       the exponent of the equation, above 1
 * @param[in]  t       the time since all mass was at the origin, positive
 *
 * Returns as `mov_solver_set_initial_gaussians`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_initial_barenblatt(mov_solver *solver,
                                          double m,
                                          double t);

/**
 * Starts a flow in Wasserstein space from a density that a callback gives on the box of `lower` and
 * `upper`; beyond it there is none. Time starts at 0 again.
 *
 * @param[in]  solver     alive, with the option `flow` = wasserstein
 * @param[in]  density    rho_0 of the points, not negative, of mass 1 within 1e-2, to which it is
 *                        scaled; not NULL. Used during this call, by `mov_solver_evaluate` and for
 *                        snapshots, and in each step with random labels.
 * @param[in]  user_data  handed to `density`; may be NULL. It must stay valid until the solver is
 *                        freed or gets another initial condition.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if a value is negative or not finite or the mass is not 1,
 * `MOV_ERROR_STATE` for another flow, what the callback answered, or `MOV_ERROR_HANDLE`. On failure
 * the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. The callback is called on the calling thread.
 */
int32_t mov_solver_set_initial_density(mov_solver *solver, mov_value_fn density, void *user_data);

/**
 * Starts a flow in Wasserstein space from particles of the host, which stay its labels. Time starts
 * at 0 again. The density is known where the particles are and nowhere else, so
 * `mov_solver_evaluate` fails; `mov_solver_push_forward` and `mov_solver_moments` do not need it.
 *
 * @param[in]  solver  alive, with the option `flow` = wasserstein
 * @param[in]  n       particles, at least as many as the network has parameters, divided by d
 * @param[in]  x       [n][d], row-major, positions
 * @param[in]  w       [n], masses, positive and of sum 1 within 1e-2, to which they are scaled;
 *                     may be NULL, for equal ones
 * @param[in]  rho     [n], the density at the particles, positive
 * @param[in]  score   [n][d], the gradient of its logarithm there; may be NULL, if it is not
 *                     known, and steps are then posed in weak form (option `form`), whose sampling
 *                     error is larger
 *
 * The arrays are read during the call. Returns as `mov_solver_set_initial_gaussians`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_initial_particles(mov_solver *solver,
                                         uint64_t n,
                                         const double *x,
                                         const double *w,
                                         const double *rho,
                                         const double *score);

/**
 * Goes on with another field u than the present one, given by values at points that cover the domain, all
 * weighted alike: operator splitting. Time, steps and the series of snapshots go on. Of an L2 flow.
 *
 * What is fitted is the change of the present field: a small one costs about a step, and the present
 * values themselves next to nothing. The same points in every call are the quickest. An eighth of them is
 * held out to measure the error by: figures `hand_over_*` of the report. A density in Wasserstein space
 * begins anew instead: `mov_solver_set_initial_*`, then `mov_solver_set_time` with the time of now.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  n       points; at least 8/7 as many as parameters that move
 * @param[in]  x       [n][d], row-major, finite and inside the domain, in the user's unit of length
 * @param[in]  values  [n][c], finite, the new u there, c the option `components`
 *
 * The arrays are read during the call. With a communicator it is collective, and each rank gives its own
 * points, perhaps none. Returns `MOV_OK`, `MOV_NOT_CONVERGED` if the error at independent points is above
 * the option `fit_accept`, `MOV_CANCELLED`, `MOV_ERROR_STATE` without initial condition or of a flow in
 * Wasserstein space, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_state_values(mov_solver *solver,
                                    uint64_t n,
                                    const double *x,
                                    const double *values);

/**
 * Goes on with another field than the present one, given by a function of position and the present u;
 * otherwise as `mov_solver_set_state_values`. The error is measured at independent nodes.
 *
 * @param[in]  values     gives the new u, with as many components as u; not NULL. Asked at the nodes, with the present u
 *                        there, during this call only.
 * @param[in]  user_data  handed to `values`; may be NULL
 *
 * Returns also what the callback answered, and `MOV_ERROR_NOT_FINITE` if it gave NaN or infinity. Callbacks
 * are called on the calling thread.
 */
int32_t mov_solver_set_state_callback(mov_solver *solver,
                                      mov_field_fn values,
                                      void *user_data);

/**
 * Adds an increment to the present field, u becomes u + g: what the host's own operator makes of u in a time
 * step. It is exact but for the fit of g, so that splittings keep their order; otherwise as
 * `mov_solver_set_state_values`.
 *
 * @param[in]  values  [n][c], finite, g there
 */
int32_t mov_solver_add_increment_values(mov_solver *solver,
                                        uint64_t n,
                                        const double *x,
                                        const double *values);

/**
 * Adds an increment that is given by a function of position and the present u; otherwise as
 * `mov_solver_set_state_callback`.
 *
 * @param[in]  values  gives g, with as many components as u; not NULL
 */
int32_t mov_solver_add_increment_callback(mov_solver *solver, mov_field_fn values, void *user_data);

/**
 * Changes the time reached: of a run that begins at another time than 0, or that begins anew at the time
 * at which another ended, whose series goes on.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  time    finite, in the unit of time of `tau`
 *
 * Collective with a communicator. Returns `MOV_OK`, `MOV_ERROR_STATE` if there is no initial condition yet,
 * `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_time(mov_solver *solver,
                            double time);

/**
 * Goes on with other parameters of the network, in the layout of `mov_solver_parameters`, at the present
 * time. Of an L2 flow. Collective with a communicator, where those of rank 0 count.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  count   what `mov_solver_parameter_count` says
 * @param[in]  values  [count], finite
 *
 * Returns `MOV_OK`, `MOV_ERROR_STATE` without initial condition or of a flow in Wasserstein space, whose
 * state is more than parameters, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`. On failure the solver stays as
 * it was.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_parameters(mov_solver *solver,
                                  uint64_t count,
                                  const double *values);

/**
 * u and, when wanted, grad u at points. Outside the domain the network is evaluated all the same, and the
 * values mean nothing.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  n       points; 0 is legal and does nothing
 * @param[in]  x       [n][d], row-major, finite, in the user's unit of length
 * @param[out] u       [n][c], receives the values, c the option `components`
 * @param[out] grad    [n][c][d], receives the gradients; may be NULL, if they are not wanted
 *
 * The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
 * `MOV_ERROR_STATE` if there is no initial condition yet, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_evaluate(const mov_solver *solver,
                            uint64_t n,
                            const double *x,
                            double *u,
                            double *grad);

/**
 * All that is wanted of u at points at once: u, its gradient, its second derivatives and du/dt. What is NULL
 * is not computed.
 *
 * Outside the domain the network is evaluated all the same, and the values mean nothing. Second derivatives
 * of a density in Wasserstein space are differences of its gradient. There du/dt is div(rho grad dF/drho), with
 * `flow` = wfr less what dies: of a flow by potentials with the derivatives of the potential, 0 beyond the box that
 * holds the mass; of a transport map by differences of the flux rho grad dF/drho, to about 1e-7 of its largest value,
 * which do not see an edge of the mass that is closer than 1e-3 of its width.
 *
 * @param[in]  solver     alive, with an initial condition; for du/dt with an energy
 * @param[in]  n          points; 0 is legal and does nothing
 * @param[in]  x          [n][d], row-major, finite, in the user's unit of length
 * @param[out] u          [n][c], receives the values, c the option `components`; may be NULL
 * @param[out] grad       [n][c][d], receives the gradients; may be NULL
 * @param[out] hessian    [n][c][d][d], receives the second derivatives; may be NULL
 * @param[out] laplacian  [n][c], receives their trace; may be NULL
 * @param[out] rate       [n][c], receives du/dt = -grad F(u), in strong form: what flows through the boundary is
 *                        no part of it; may be NULL
 *
 * The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
 * `MOV_ERROR_STATE` if there is no initial condition yet, or for du/dt of a transport map with an energy of grad rho or
 * an interaction that is not smooth at x = y, of particles whose density is not known, and with `transport` = w2gn,
 * what went wrong in an energy, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look. Callbacks are called on the calling thread.
 */
int32_t mov_solver_evaluate_all(const mov_solver *solver,
                                uint64_t n,
                                const double *x,
                                double *u,
                                double *grad,
                                double *hessian,
                                double *laplacian,
                                double *rate);

/**
 * u at points at a time in the last step: dense output, to third order in the step.
 *
 * It is the parabola in time through the values at both ends with du/dt at the later one, of a step that was taken in
 * parts or adapts for each part. Of a density it is that of ln rho, so that rho is positive, though its mass is 1 to
 * third order only; to second order where du/dt is not known (`mov_solver_evaluate_all`), and where the edge of the mass
 * passes the point in the step the line through both values of rho.
 *
 * @param[in]  solver  alive, after a step, and not after a hand-over; of a flow in Wasserstein space that was restored
 *                     from a file, after the next step
 * @param[in]  time    from the beginning of the last step to the time reached; if a field was restored from a file after
 *                     a step in parts, of its last part
 * @param[in]  n       points; 0 is legal and does nothing
 * @param[in]  x       [n][d], row-major, finite, in the user's unit of length
 * @param[out] u       [n][c], receives the values
 *
 * The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
 * `MOV_ERROR_STATE` if the last step is not known, what went wrong in an energy, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look. Callbacks are called on the calling thread.
 */
int32_t mov_solver_evaluate_between(const mov_solver *solver,
                                    double time,
                                    uint64_t n,
                                    const double *x,
                                    double *u);

/**
 * The energy F(u), the sum of all terms, on the independent nodes.
 *
 * @param[in]  solver  alive, with an energy and an initial condition
 * @param[out] total   receives it
 *
 * Returns `MOV_OK`, `MOV_ERROR_STATE` if an energy or the initial condition is missing, what went
 * wrong in an energy, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look. Callbacks are called on the calling thread.
 */
int32_t mov_solver_energy(const mov_solver *solver, double *total);

/**
 * How many energies were added.
 *
 * @param[in]  solver  alive
 * @param[out] count   receives it
 *
 * Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_energy_count(const mov_solver *solver, uint64_t *count);

/**
 * The name of an energy: the plugin's id, or the name that a callback was given.
 *
 * @param[in]  solver  alive
 * @param[in]  index   counts from 0 in the order in which energies were added
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_energy_name(const mov_solver *solver,
                               uint64_t index,
                               char *buffer,
                               uint64_t size,
                               uint64_t *needed);

/**
 * One term of F(u), on the independent nodes; otherwise as `mov_solver_energy`.
 *
 * @param[in]  index  counts from 0 in the order in which energies were added
 * @param[out] value  receives it
 */
int32_t mov_solver_energy_term(const mov_solver *solver, uint64_t index, double *value);

/**
 * How many parameters the network has.
 *
 * @param[in]  solver  alive
 * @param[out] count   receives it
 *
 * Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_parameter_count(const mov_solver *solver, uint64_t *count);

/**
 * The parameters of the network: layer after layer, weights before biases.
 *
 * @param[in]  solver  alive
 * @param[in]  count   what `mov_solver_parameter_count` says
 * @param[out] values  [count], receives them
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_parameters(const mov_solver *solver, uint64_t count, double *values);

/**
 * The transport map at labels: where the mass that was at `x` in the beginning is now.
 *
 * @param[in]  solver  alive, with the option `flow` = wasserstein and an initial condition
 * @param[in]  n       labels; 0 is legal and does nothing
 * @param[in]  x       [n][d], row-major, finite, in the user's unit of length
 * @param[out] y       [n][d], receives where they are
 *
 * The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
 * `MOV_ERROR_STATE` for another flow or without initial condition, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_push_forward(const mov_solver *solver, uint64_t n, const double *x, double *y);

/**
 * The velocity `-grad (dF/drho)` with which the mass at given points moves; 0 where there is none, and NaN
 * where the map is not known to take a label there.
 *
 * @param[in]  solver    alive, with the option `flow` = wasserstein and an initial condition
 * @param[in]  n         points; 0 is legal and does nothing
 * @param[in]  y         [n][d], row-major, finite, in the user's unit of length
 * @param[out] velocity  [n][d], receives the velocities, in the user's unit of length by that of
 *                       time
 *
 * The arrays belong to the caller and do not overlap. Returns as `mov_solver_push_forward`, and what
 * went wrong in an energy or in the callback of the initial density.
 *
 * Threads: any, beside others that look. Callbacks are called on the calling thread.
 */
int32_t mov_solver_velocity(const mov_solver *solver,
                            uint64_t n,
                            const double *y,
                            double *velocity);

/**
 * Mean and covariance of the density, from the independent labels.
 *
 * @param[in]  solver      alive, with the option `flow` = wasserstein and an initial condition
 * @param[out] mean        [d], receives the mean
 * @param[out] covariance  [d][d], receives the covariance; may be NULL, if it is not wanted
 *
 * Returns as `mov_solver_push_forward`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_moments(const mov_solver *solver, double *mean, double *covariance);

/**
 * `int rho ln rho`, minus the entropy, from the independent labels.
 *
 * @param[in]  solver   alive, with the option `flow` = wasserstein and an initial condition
 * @param[out] entropy  receives it
 *
 * Returns as `mov_solver_push_forward`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_entropy(const mov_solver *solver, double *entropy);

/**
 * Quantiles of one coordinate of the mass, from 16,384 labels: to about one part in ten thousand of
 * the mass.
 *
 * @param[in]  solver       alive, with the option `flow` = wasserstein and an initial condition
 * @param[in]  axis         which coordinate, from 0
 * @param[in]  n            quantiles
 * @param[in]  probability  [n], each from 0 to 1
 * @param[out] quantile     [n], receives the values below which such a part of the mass lies
 *
 * The arrays belong to the caller and do not overlap. Returns as `mov_solver_push_forward`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_quantiles(const mov_solver *solver,
                             uint64_t axis,
                             uint64_t n,
                             const double *probability,
                             double *quantile);

/**
 * The fields that a solver's flow has by name, as a JSON array of objects with `name`, `long_name`,
 * `components` (numbers at a point) and `vector` (whether they are the components of a vector in
 * R^d). Snapshots show the first by default. `density` is among them where u is a density of mass.
 *
 * @param[in]  solver  alive
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_fields_describe(const mov_solver *solver,
                                   char *buffer,
                                   uint64_t size,
                                   uint64_t *needed);

/**
 * The values of a field at points: what snapshots show there, NaN outside the domain included.
 *
 * @param[in]  solver    alive, with an initial condition
 * @param[in]  name      one of the fields of `mov_solver_fields_describe`
 * @param[in]  n         points; 0 is legal and does nothing
 * @param[in]  x         [n][d], row-major, finite, in the user's unit of length
 * @param[in]  capacity  how many numbers `values` has room for; other than n times the components
 *                       are MOV_ERROR_ARGUMENT
 * @param[out] values    [capacity], receives the values, [n][components]
 *
 * The arrays belong to the caller and do not overlap. Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`,
 * `MOV_ERROR_STATE` if there is no initial condition yet or u is not known at the points, what went
 * wrong in an energy or a callback, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, beside others that look. Callbacks are called on the calling thread.
 */
int32_t mov_solver_evaluate_field(const mov_solver *solver,
                                  const char *name,
                                  uint64_t n,
                                  const double *x,
                                  uint64_t capacity,
                                  double *values);

/**
 * The grid on which snapshots show the fields of a solver, of one to three axes of R^d; x is the
 * first. A field on it has the value of the point x_i, y_j, z_k; the coordinates that are on no axis
 * are those of `origin`.
 *
 * @param[in]  solver       alive; with an initial condition where the box of the grid is about the
 *                          mass
 * @param[in]  options      alive; its options `snapshot_*` count, and others do not; may be NULL,
 *                          for those that the solver was made with
 * @param[out] axes         [3], receives which coordinate of R^d, from 0, each axis is
 * @param[out] points       [3], receives the points along each axis; 0 for axes that the grid has
 *                          not
 * @param[out] origin       [d], receives a point of R^d that the grid goes through
 * @param[in]  capacity     how many numbers `coordinates` has room for; fewer than the sum of
 *                          `points` are MOV_ERROR_ARGUMENT
 * @param[out] coordinates  [capacity], receives the coordinates along x, then y, then z; may be
 *                          NULL, if they are not wanted
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if the options do not fit or leave the grid out,
 * `MOV_ERROR_STATE` of a flow that began with particles, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_grid(const mov_solver *solver,
                        const mov_options *options,
                        uint64_t *axes,
                        uint64_t *points,
                        double *origin,
                        uint64_t capacity,
                        double *coordinates);

/**
 * One figure about the last step, the initial fit or the last hand-over.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  key     which figure, see `mov_report_describe`
 * @param[out] value   receives it; counts are given as floating-point numbers
 *
 * Returns `MOV_OK`, `MOV_ERROR_OPTION` if there is no such figure, `MOV_ERROR_STATE` if nothing
 * has been done yet that it describes, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_report(const mov_solver *solver, const char *key, double *value);

/**
 * Every figure that `mov_solver_report` knows, as a JSON array of objects with `name` and `help`.
 *
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_report_describe(char *buffer, uint64_t size, uint64_t *needed);

/**
 * Writes one snapshot `snap_000000.h5`, `snap_000001.h5`, ...: an HDF5 file with u on a grid, for a flow in
 * Wasserstein space the density and masses where they are, the time, the energies, the report, the network's
 * parameters and the options, for h5py, xarray, MATLAB and Octave, and as VTKHDF for ParaView. The file
 * appears under its name when all of it is on the disk. The options `snapshot_*` say more. For a series with
 * an index, and for other fields, see `mov_writer_create`.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  folder  created if it is not there, with the folders above it
 * @param[out] number  receives the number in the name: one more than the largest in the folder;
 *                     may be NULL, if it is not wanted
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file; nothing
 * is left of it), `MOV_ERROR_MEMORY` if the grid of the option `snapshot_resolution` does not
 * fit into memory, `MOV_ERROR_STATE` if there is no initial condition yet, what went wrong in an
 * energy, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. The solver is never changed.
 *
 * Threads: any, one call at a time on one handle; several solvers can write into one folder.
 * Callbacks are called on the calling thread.
 */
int32_t mov_solver_write_snapshot(const mov_solver *solver,
                                  const char *folder,
                                  uint64_t *number);

/**
 * Goes on from a snapshot, to the same bits as a run that did not stop.
 *
 * The solver is one with the options, energies, nodes, boundary and inside function of the run that wrote
 * it, set by the same calls in the same order; of the options, only `threads`, `restart` and those that begin with
 * `snapshot_` may be others, and energies may not come from another build of their plugin. With the option `restart` =
 * portable the run goes on, to other bits, with another build of a plugin, version of the library, processor, number
 * of ranks, other nodes, and other options of steps, nodes, minimiser and fits: a warning in the log says each thing
 * that differs, and so do the snapshots that follow (attribute `restarts` of `/restart`). Another energy, parameter,
 * domain, dimension or network is refused all the same, and so are energies that come out 5 % off. Snapshots of an
 * earlier release are taken in either case, with such warnings: plugins are then known by name, parameters and value. A flow of
 * transport maps is given its initial density or particles again, which is quick; any other flow needs no
 * initial condition. All of it is checked, and what differs is named. The solver may have stepped already.
 * With a communicator of several ranks a collective call: rank 0 reads the file, which the others need not see. Nodes
 * of the host are those of all ranks then, one rank's after the other's, however they are split. Runs of 1, 2, 4 and 8
 * ranks go on from each other's snapshots, those of fields to the same bits and those of maps but for rounding; another
 * number, or none, is `MOV_ERROR_STATE`.
 *
 * A callback cannot be stored. One whose answers changed in between is not found out in every case: an
 * energy of the host is compared by its name alone, so that it may depend on the time.
 *
 * @param[in]  solver  alive
 * @param[in]  path    a snapshot, or a folder of snapshots, of which the last whole one is taken:
 *                     those that are damaged or cut off are passed over, with a warning in the log
 * @param[out] number  receives the number in the name of the snapshot taken, UINT64_MAX if it has
 *                     none; may be NULL, if it is not wanted
 *
 * Returns `MOV_OK`; `MOV_TRY_AGAIN` if the folder has no snapshot or is not there, so that the run begins
 * with its initial condition; `MOV_ERROR_FILE` if the file cannot be read, is damaged, cut off, not a
 * snapshot, or comes from a processor with other vector units or from a later release of the library;
 * `MOV_ERROR_OPTION` if an option differs, `MOV_ERROR_PLUGIN` if an energy does, `MOV_ERROR_ARGUMENT` if
 * nodes or the initial density do, `MOV_ERROR_STATE` if the initial density is missing, `MOV_ERROR_HANDLE`,
 * or what went wrong in an energy. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_restore(mov_solver *solver,
                           const char *path,
                           uint64_t *number);

/**
 * Begins with the field of a snapshot, of whichever run: its network is evaluated, and the solver's own is fitted to it,
 * with its gradient, as by `mov_solver_set_initial_callback`. Time, steps and options of that run are not taken over.
 * With a communicator of several ranks a collective call, in which rank 0 reads the file.
 *
 * @param[in]  solver  alive, with `flow` = l2 or h-1
 * @param[in]  path    a snapshot of a run with `flow` = l2 or h-1 in the same dimension with as many components, whose box
 *                     has that of the solver in it, and without values on the boundary of a box or ball; or a folder, of
 *                     which the last whole one is taken
 * @param[out] number  receives the number in the name of the snapshot taken, UINT64_MAX if it has
 *                     none; may be NULL, if it is not wanted
 *
 * Returns `MOV_OK`, `MOV_TRY_AGAIN` if the folder has no snapshot or is not there, `MOV_ERROR_FILE` if the file cannot be
 * read, is damaged or no snapshot, `MOV_ERROR_ARGUMENT` if its field cannot be that of the solver, and otherwise as
 * `mov_solver_set_initial_callback`. On failure the solver stays as it was.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_solver_set_initial_snapshot(mov_solver *solver,
                                        const char *path,
                                        uint64_t *number);

/**
 * Writes the network as it is now to a file in the format safetensors, which PyTorch, JAX and Candle read,
 * with all that its evaluation takes: weights and biases by layer, what the network sees of x, and for
 * transport maps every map of the composition. `src/export.rs` describes arrays and metadata.
 * A snapshot has the same arrays in its group `/network`.
 *
 * @param[in]  solver  alive, with an initial condition
 * @param[in]  path    of the file, which appears when all of it is on the disk, and replaces one
 *                     that is there
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file),
 * `MOV_ERROR_STATE` if there is no initial condition yet, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`. The
 * solver is never changed.
 *
 * Threads: any, beside others that look.
 */
int32_t mov_solver_export(const mov_solver *solver,
                          const char *path);

/**
 * A writer of a series of snapshots: a folder with a whole HDF5 file for each, `snap_000000.h5` and so on,
 * and an index of all of them, `run.vtkhdf`, which ParaView from 6.0 on, xarray, h5py and Octave open as one
 * file with an axis of time, also while the series grows; `run.xmf` is for an older ParaView. Where points are
 * shown beside a grid, `run_points.vtkhdf` and `run_points.xmf` are their index.
 * ParaView is given a copy of an index that still grows: VTK opens a file twice, and crashes if it has become
 * longer in between.
 *
 * Without more said, snapshots show u of an L2 flow on a grid, and of a flow in Wasserstein space the density
 * on a grid and masses that move along (of one that began with particles these alone). The options
 * `snapshot_*` choose grid, plane, points, precision, compression and how often the index is rewritten.
 *
 * Remains of a writer that was killed are removed, and the series in the folder continues: option
 * `snapshot_existing`. With snapshots of a time that the solver has not reached, continue refuses, and
 * truncate deletes those at the first `mov_writer_write`: until then the solver may be restored from them. Files
 * with names of snapshots that are damaged are renamed to `snap_000003.h5.damaged`, with a warning in the log. One
 * writer at a time has a folder.
 *
 * What somebody removes from the folder while the writer is open is left out of its indices, with a warning in the log;
 * numbers are not given again. With a communicator of several ranks a collective call, after it was set: rank 0 has the
 * folder, `mov_writer_write` is collective too, what is shown is rank 0's choice, and its functions are asked; the
 * other calls are local. A process that is forked has no part in the writers of the one that forked it: there
 * writing is an error (`MOV_ERROR_STATE`), and closing and freeing change no file. Writers that are open when the
 * process ends by `exit` or returns from `main` are closed then.
 *
 * @param[in]  solver   alive; not kept
 * @param[in]  folder   created if it is not there, with the folders above it; a relative path is of the working
 *                      directory that the process has now
 * @param[in]  options  alive; its options `snapshot_*` count, and others do not; may be NULL, for
 *                      those that the solver was made with
 *
 * Returns a handle, or NULL with the reason in `mov_last_error`. The caller closes it with
 * `mov_writer_close` and frees it with `mov_writer_free`.
 *
 * Threads: any, one call at a time on one handle.
 */
mov_writer *mov_writer_create(const mov_solver *solver,
                              const char *folder,
                              const mov_options *options);

/**
 * Adds a field to the snapshots; the first one replaces those that are there by default. On a grid and, where
 * there are points, at these too.
 *
 * @param[in]  writer  alive, before its first snapshot
 * @param[in]  solver  alive, the one that is going to be written
 * @param[in]  name    `u`, the solution or density, [c] of several components; `u0`, `u1`, ..., each of
 *                     these; `grad_u`, its gradient [d], or [c d] of several components; `density`, of a
 *                     flow in Wasserstein space the same as u; `velocity` [d] of the mass, with a
 *                     transport map; `energy_density`, the sum of the densities of the energies,
 *                     an interaction's being u (W * u) / 2; or `energy_densities`, by term
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no such field in this flow or it was added before,
 * `MOV_ERROR_STATE` after the first snapshot, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_writer_add_field(mov_writer *writer,
                             const mov_solver *solver,
                             const char *name);

/**
 * Adds a field that a callback gives; otherwise as `mov_writer_add_field`.
 *
 * @param[in]  writer      alive, before its first snapshot
 * @param[in]  name        a letter, and up to 62 letters, digits and underscores
 * @param[in]  components  numbers at a point, 1 to 1024; d of them are taken for a vector
 * @param[in]  values      gives them; not NULL. Called by `mov_writer_write`.
 * @param[in]  user_data   handed to `values`; may be NULL. It must stay valid until the writer is
 *                         freed.
 */
int32_t mov_writer_add_callback(mov_writer *writer,
                                const char *name,
                                uint64_t components,
                                mov_field_fn values,
                                void *user_data);

/**
 * Says what an array is and in which unit: attributes `long_name` and `units`, in ASCII.
 *
 * @param[in]  writer     alive, before its first snapshot
 * @param[in]  name       a field, or `t`, `x`, `y`, `z`, `position`, `mass`
 * @param[in]  long_name  one line; may be NULL, for none
 * @param[in]  units      such as `m/s`; may be NULL, for none
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` if there is no array of that name, `MOV_ERROR_STATE` after the first
 * snapshot, or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_writer_describe_field(mov_writer *writer,
                                  const char *name,
                                  const char *long_name,
                                  const char *units);

/**
 * Shows the fields at points too. A transport map carries them along, so that they draw trajectories: they are
 * then where mass is in the beginning. In other flows they stay. Their numbers, from 0, are the same in every
 * snapshot.
 *
 * @param[in]  writer  alive, before its first snapshot
 * @param[in]  n       points; 0 shows none, also where there are some by default
 * @param[in]  x       [n][d], row-major, finite, in the user's unit of length; copied
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT`, `MOV_ERROR_STATE` after the first snapshot, or
 * `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_writer_set_points(mov_writer *writer,
                              uint64_t n,
                              const double *x);

/**
 * Writes a snapshot. When this returns `MOV_OK`, it is on the disk; when it fails, nothing is left of it, those
 * before it are whole, and both the solver and the writer can go on. Trouble with the index alone is logged
 * and comes back from `mov_writer_close`. With a communicator of several ranks a collective call: rank 0 writes, and all
 * get the number and the status.
 *
 * @param[in]  writer  alive and not closed
 * @param[in]  solver  alive, with an initial condition, at a later time than the last snapshot;
 *                     never changed
 * @param[out] number  receives the number in the name of the file; may be NULL, if it is not
 *                     wanted. Of a writer that goes on with a series, the first call gives the
 *                     last snapshot there, and writes nothing, if it is of the very state that the
 *                     solver is in.
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if it cannot be written (the message names the file),
 * `MOV_ERROR_STATE` if the time is not later, the snapshot would have other arrays than those before it, the
 * writer was closed or there is no initial condition, `MOV_ERROR_OPTION` if the options `snapshot_*` do not
 * fit, `MOV_ERROR_MEMORY`, what went wrong in an energy or answered a callback, `MOV_ERROR_HANDLE` or
 * `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, one call at a time on one handle. Callbacks are called on the calling thread.
 */
int32_t mov_writer_write(mov_writer *writer,
                         const mov_solver *solver,
                         uint64_t *number);

/**
 * How many snapshots are in the series, those of earlier writers included.
 *
 * @param[in]  writer  alive
 * @param[out] count   receives it
 *
 * Returns `MOV_OK`, `MOV_ERROR_HANDLE` or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_writer_count(const mov_writer *writer, uint64_t *count);

/**
 * Brings the index up to date and lets go of the folder. The writer can then only be freed.
 *
 * @param[in]  writer  alive; closing it twice is legal
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if the index cannot be written (the snapshots are, and this can be
 * called again), or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_writer_close(mov_writer *writer);

/**
 * Frees a writer, and closes it first if it was not; what goes wrong in this is logged.
 *
 * @param[in]  writer  may be NULL, which does nothing. A handle that is not alive is left alone
 *                     and noted in `mov_last_error`.
 *
 * Threads: any.
 */
void mov_writer_free(mov_writer *writer);

/**
 * Copies all snapshots of a folder into one HDF5 file with an axis of time, which ParaView from 6.0 on,
 * xarray, h5py, Octave and MATLAB open, and which needs the folder no longer. A restart needs the snapshots.
 *
 * @param[in]  folder  of a writer, closed or not
 * @param[in]  path    the file, which appears when it is whole; one of that name is replaced
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if a snapshot cannot be read, the snapshots are of different series or
 * the file cannot be written (the message names the file), or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_pack_snapshots(const char *folder,
                           const char *path);

/**
 * Makes the index of a folder of snapshots anew, such as that of a run that was killed: what `mov_writer_close` does.
 * Damaged files are passed over, with a warning in the log.
 *
 * @param[in]  folder  of a writer that is closed, or of `mov_solver_write_snapshot`
 * @param[in]  path    a file that becomes a `run.vtkhdf` with the full paths of the snapshots, for who cannot write
 *                     into the folder or while a writer has it; may be NULL, for the index in the folder
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if there are no snapshots, a whole one cannot be read, they are of different
 * series, a writer has the folder, or the index cannot be written, or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_index_snapshots(const char *folder,
                            const char *path);

/**
 * Compares the index of a folder with the snapshots there: HDF5 shows NaN, or the data of another file of that name,
 * where one that the index lists is not there. As a JSON object: `is_index`, whether there is an index; `listed`, how
 * many snapshots it lists; `files`, how many files a reader of it opens beside it, snapshots and blocks of older ones;
 * `gone`, the names of those that are not there; `replaced`, of those whose file is another one than that which was
 * listed; `unlisted`, of snapshots that are there and not listed, as those of the last
 * seconds of a run that was killed.
 *
 * @param[in]  path    a folder of snapshots, or an index in it; a file that is no index has `is_index` = false
 * @param[out] buffer  receives the text and its NUL; may be NULL, to ask for the size alone
 * @param[in]  size    bytes in `buffer`; too few are MOV_ERROR_ARGUMENT, and nothing is written
 *                     there
 * @param[out] needed  receives the bytes that the text needs with its NUL; may be NULL
 *
 * Returns `MOV_OK`, `MOV_ERROR_FILE` if the folder cannot be looked into, or `MOV_ERROR_ARGUMENT`.
 *
 * Threads: any.
 */
int32_t mov_index_describe(const char *path,
                           char *buffer,
                           uint64_t size,
                           uint64_t *needed);

/**
 * Watches the progress of a solver from now on.
 *
 * @param[in]  solver     alive
 * @param[in]  function   told of progress; may be NULL, to watch no longer
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid until `function` is
 *                        replaced or the solver freed.
 *
 * Returns `MOV_OK` or `MOV_ERROR_HANDLE`.
 *
 * Threads: any, one call at a time on one handle.
 */
int32_t mov_solver_set_progress(mov_solver *solver, mov_progress_fn function, void *user_data);

/**
 * Sends the library's log to a callback, for the whole process. Without it there is no log.
 *
 * @param[in]  level      what is wanted: MOV_LOG_OFF to MOV_LOG_TRACE
 * @param[in]  function   receives the messages; may be NULL, for none
 * @param[in]  user_data  handed to `function`; may be NULL. It must stay valid for good, or until
 *                        the function was replaced and no other thread is inside the library.
 *
 * Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for another level, or `MOV_ERROR_STATE` if a Rust program
 * that contains this library has a logger of its own.
 *
 * Threads: any.
 */
int32_t mov_set_log(int32_t level, mov_log_fn function, void *user_data);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MOVIMENTO_H */
