// What a solver keeps of the functions that it was given. Part of movimento.hpp.

#ifndef MOVIMENTO_FUNCTIONS_HPP
#define MOVIMENTO_FUNCTIONS_HPP

#include <movimento/border.hpp>
#include <movimento/view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace movimento {

/// Where a long call is, see mov_progress_fn.
struct progress {
  bool fitting;
  std::uint64_t step;
  double time;
  std::uint64_t iteration;
  double objective;
};

namespace detail {

/// Values and gradients of u at all points at once, which those at a point are made to. Of several components the
/// values are [n][c] and rows of gradients [c][d].
using value_function = void(rows<const double>, view<double>);
using gradient_function = void(rows<const double>, rows<double>);

template <class Value>
std::function<value_function> values_of(Value value) {
  if constexpr (std::is_invocable_v<Value &, rows<const double>, view<double>>) {
    return value;
  } else if constexpr (std::is_invocable_v<Value &, view<const double>, view<double>>) {
    return [value = std::move(value)](rows<const double> x, view<double> u) mutable {
      const std::size_t c = x.size() > 0 ? u.size() / x.size() : 0;
      for (std::size_t i = 0; i < x.size(); ++i) value(x[i], view<double>(u.data() + i * c, c));
    };
  } else {
    static_assert(std::is_invocable_r_v<double, Value &, view<const double>>,
                  "accepted is double(view<const double> x), void(view<const double> x, view<double> u) or "
                  "void(rows<const double> x, view<double> u)");
    return [value = std::move(value)](rows<const double> x, view<double> u) mutable {
      expect("u", u.size(), x.size());
      for (std::size_t i = 0; i < u.size(); ++i) u[i] = value(x[i]);
    };
  }
}

/// A function of time, a source or values on the boundary, at all points at once, which one at a point is made to.
using timed_function = void(double, rows<const double>, view<double>);

template <class Function>
std::function<timed_function> timed(Function function) {
  if constexpr (std::is_invocable_v<Function &, double, rows<const double>, view<double>>) {
    return function;
  } else {
    static_assert(std::is_invocable_r_v<double, Function &, double, view<const double>>,
                  "accepted is double(double t, view<const double> x) or "
                  "void(double t, rows<const double> x, view<double> values)");
    return [function = std::move(function)](double t, rows<const double> x, view<double> values) mutable {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = function(t, x[i]);
    };
  }
}

/// A mobility of time, places and values at all points at once.
using mobility_function = void(double, rows<const double>, view<const double>, view<double>);

/// Which arguments a mobility at a point takes: its flags, or those of one that is asked for all points at once.
template <class Function>
constexpr std::uint32_t mobility_flags() {
  if constexpr (std::is_invocable_r_v<double, Function &, view<const double>>) {
    return 0;
  } else if constexpr (std::is_invocable_r_v<double, Function &, view<const double>, double>) {
    return MOV_USES_VALUE;
  } else {
    return MOV_USES_VALUE | MOV_USES_TIME;
  }
}

template <class Function>
std::function<mobility_function> mobility_of(Function function) {
  if constexpr (std::is_invocable_v<Function &, double, rows<const double>, view<const double>, view<double>>) {
    return function;
  } else {
    return [function = std::move(function)](double t, rows<const double> x, view<const double> u,
                                            view<double> m) mutable {
      for (std::size_t i = 0; i < m.size(); ++i) {
        if constexpr (mobility_flags<Function>() == 0) {
          m[i] = function(x[i]);
        } else if constexpr (mobility_flags<Function>() == MOV_USES_VALUE) {
          m[i] = function(x[i], u[i]);
        } else {
          static_assert(std::is_invocable_r_v<double, Function &, double, view<const double>, double>,
                        "accepted is double(view<const double> x), double(x, double u), double(double t, x, u) or "
                        "void(double t, rows<const double> x, view<const double> u, view<double> m)");
          m[i] = function(t, x[i], u[i]);
        }
      }
    };
  }
}

inline std::int32_t ask_mobility(double t, std::uint64_t n, std::uint64_t d, const double *x, const double *u,
                                 double *m, void *user_data) {
  auto &self = *static_cast<kept<mobility_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n);
    const view<const double> values = u == nullptr ? view<const double>() : view<const double>(u, size);
    self.function(t, rows<const double>(x, size, static_cast<std::size_t>(d)), values, view<double>(m, size));
  });
}

/// Both bounds at all points at once.
using bounds_function = void(rows<const double>, view<double>, view<double>);

inline std::int32_t ask_bounds(std::uint64_t n, std::uint64_t d, const double *x, double *lower, double *upper,
                               void *user_data) {
  auto &self = *static_cast<kept<bounds_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n);
    self.function(rows<const double>(x, size, static_cast<std::size_t>(d)), view<double>(lower, size),
                  view<double>(upper, size));
  });
}

/// A function of an integral, and its first and second derivative.
using outer_function = std::array<double, 3>(double);

inline std::int32_t ask_outer(double integral, double *phi, void *user_data) {
  auto &self = *static_cast<kept<outer_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const std::array<double, 3> all = self.function(integral);
    for (std::size_t i = 0; i < all.size(); ++i) phi[i] = all[i];
  });
}

inline std::int32_t ask_timed(double t, std::uint64_t n, std::uint64_t d, const double *x, double *values,
                              void *user_data) {
  auto &self = *static_cast<kept<timed_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n);
    self.function(t, rows<const double>(x, size, static_cast<std::size_t>(d)), view<double>(values, size));
  });
}

template <class Gradient>
std::function<gradient_function> gradients_of(Gradient gradient) {
  if constexpr (std::is_invocable_v<Gradient &, rows<const double>, rows<double>>) {
    return gradient;
  } else {
    static_assert(std::is_invocable_v<Gradient &, view<const double>, view<double>>,
                  "accepted is void(view<const double> x, view<double> grad), or the same of rows");
    return [gradient = std::move(gradient)](rows<const double> x, rows<double> grad) mutable {
      for (std::size_t i = 0; i < x.size(); ++i) gradient(x[i], grad[i]);
    };
  }
}

inline std::int32_t ask_value(std::uint64_t n, std::uint64_t d, const double *x, double *u,
                              void *user_data) {
  auto &self = *static_cast<kept<value_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n);
    self.function(rows<const double>(x, size, static_cast<std::size_t>(d)), view<double>(u, size));
  });
}

/// u_0 and, if it is known, its gradient, of so many components.
struct field {
  std::function<value_function> value;
  std::function<gradient_function> gradient;
  std::exception_ptr *thrown;
  std::size_t components;
};

inline std::int32_t ask_field(std::uint64_t n, std::uint64_t d, const double *x, double *u, void *user_data) {
  const field &self = *static_cast<const field *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n);
    self.value(rows<const double>(x, size, static_cast<std::size_t>(d)),
               view<double>(u, size * self.components));
  });
}

inline std::int32_t ask_field_gradient(std::uint64_t n, std::uint64_t d, const double *x, double *grad,
                                       void *user_data) {
  const field &self = *static_cast<const field *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), width = static_cast<std::size_t>(d);
    self.gradient(rows<const double>(x, size, width), rows<double>(grad, size, self.components * width));
  });
}

/// Collective operations: sum, max, broadcast.
struct ranks {
  std::array<std::function<void(view<double>)>, 3> functions;
  std::exception_ptr *thrown;
};

template <std::size_t Which>
std::int32_t collective(std::uint64_t n, double *values, void *user_data) {
  const ranks &self = *static_cast<const ranks *>(user_data);
  return guarded(*self.thrown, [&] {
    self.functions[Which](view<double>(values, static_cast<std::size_t>(n)));
  });
}

/// A function of a field of so many components.
template <class Signature>
struct kept_of_field : kept<Signature> {
  std::size_t components;
};

/// What u becomes, or what is added to it, at all points at once: of x and the present u.
using change_function = void(rows<const double>, view<const double>, view<double>);

template <class Change>
std::function<change_function> changes_of(Change change) {
  if constexpr (std::is_invocable_v<Change &, rows<const double>, view<const double>, view<double>>) {
    return change;
  } else {
    static_assert(std::is_invocable_r_v<double, Change &, view<const double>, double>,
                  "accepted is double(view<const double> x, double u), or void(rows<const double> x, "
                  "view<const double> u, view<double> values)");
    return [change = std::move(change)](rows<const double> x, view<const double> u, view<double> values) mutable {
      expect("u", u.size(), x.size());
      for (std::size_t i = 0; i < u.size(); ++i) values[i] = change(x[i], u[i]);
    };
  }
}

inline std::int32_t ask_change(std::uint64_t n, std::uint64_t d, const double *x, const double *u, double *values,
                               void *user_data) {
  auto &self = *static_cast<kept_of_field<change_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), all = size * self.components;
    self.function(rows<const double>(x, size, static_cast<std::size_t>(d)), view<const double>(u, all),
                  view<double>(values, all));
  });
}

/// A function of the state, whose root ends a run.
using event_function = double(double, double, view<const double>);

inline std::int32_t ask_event(double time, double energy, std::uint64_t n, std::uint64_t, const double *,
                              const double *u, double *value, void *user_data) {
  auto &self = *static_cast<kept_of_field<event_function> *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n) * self.components;
    *value = self.function(time, energy, view<const double>(u, size));
  });
}

/// At addresses that stay when the solver moves. A clone and a saved state share them.
struct functions {
  std::shared_ptr<std::exception_ptr> thrown = std::make_shared<std::exception_ptr>();
  std::vector<std::shared_ptr<term>> terms;
  std::vector<std::shared_ptr<kept<timed_function>>> timed;
  std::shared_ptr<kept<bool(view<const double>)>> inside;
  std::shared_ptr<kept<mobility_function>> mobility;
  std::shared_ptr<kept<bounds_function>> bounds;
  std::vector<std::shared_ptr<kept<outer_function>>> outer;
  std::shared_ptr<kept<value_function>> density;
  std::shared_ptr<kept<bool(const movimento::progress &)>> progress;
  std::shared_ptr<detail::ranks> collective;
};

}  // namespace detail

}  // namespace movimento

#endif  // MOVIMENTO_FUNCTIONS_HPP
