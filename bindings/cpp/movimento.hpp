// movimento.hpp - movimento.h for C++17: headers only, nothing to compile.
//
// Objects own their handles and move; failures are exceptions; arrays are views; energies, initial
// conditions and domains are lambdas. What each function does, shapes and units are said in
// movimento.h, under the C name that is noted at each.
//
//   movimento::options options;
//   options.set("tau", 0.005).set("hidden", {16, 16});
//   movimento::solver solver(options);
//   solver.add(movimento::energy("dirichlet").set("kappa", 0.1));
//   solver.set_initial([](movimento::view<const double> x) { return std::cos(3.14159 * x[0]); });
//   solver.step_to(0.02);
//   double u = solver.value_at({0.25, 0.5});
//
// Exceptions. A status other than MOV_OK is thrown as movimento::error, and as its subclass
// movimento::recoverable when another try may succeed (MOV_CANCELLED, MOV_NOT_CONVERGED, ...); the
// objects stay as they were. What one of your own functions throws comes back as it was thrown, out
// of the call during which the library called it.
//
// Lifetimes. A solver keeps the functions that it was given as long as the library may call them.
// They are called on the thread that called the library, as movimento.h says. An energy that was
// added to several solvers is called by each, at once if they work in several threads.
//
// Threads: as in movimento.h. An object serves one call at a time; a second one is refused.

#ifndef MOVIMENTO_HPP
#define MOVIMENTO_HPP

#include <movimento.h>

#include <movimento/energy.hpp>
#include <movimento/error.hpp>
#include <movimento/log.hpp>
#include <movimento/options.hpp>
#include <movimento/solver.hpp>
#include <movimento/view.hpp>
#include <movimento/writer.hpp>

#endif  // MOVIMENTO_HPP
