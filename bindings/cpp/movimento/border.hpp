// How a call crosses the border, and how exceptions of the user cross it back. Part of movimento.hpp.

#ifndef MOVIMENTO_BORDER_HPP
#define MOVIMENTO_BORDER_HPP

#include <movimento/error.hpp>
#include <movimento/view.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

namespace movimento {

namespace detail {

inline void check(std::int32_t status) {
  if (status == MOV_OK) return;
  const std::string message = mov_last_error();
  if (status > 0) throw recoverable(status, message);
  throw error(status, message);
}

inline void expect(const char *name, std::size_t given, std::size_t accepted) {
  if (given == accepted) return;
  throw error(MOV_ERROR_ARGUMENT, std::string("argument `") + name + "` has " +
                                      std::to_string(given) + " entries; accepted is " +
                                      std::to_string(accepted));
}

/// NULL for an array of no entries that stands for "none".
inline const double *or_null(view<const double> array) { return array.empty() ? nullptr : array.data(); }

/// Runs a function of the user; what it throws is kept, and the library told that it failed. A
/// function that returns a number answers for itself: 0, above 0 for "try again", below 0.
template <class Body>
std::int32_t guarded(std::exception_ptr &thrown, Body &&body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return 0;
    } else {
      return static_cast<std::int32_t>(body());
    }
  } catch (...) {
    if (!thrown) thrown = std::current_exception();
    return -1;
  }
}

inline void rethrow(std::exception_ptr &thrown) {
  if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
}

/// A function of the user, and where what it throws is kept: at the solver that calls it.
template <class Signature>
struct kept {
  std::function<Signature> function;
  std::exception_ptr *thrown;
};

/// What a term of the user is: a density, a kernel, or a density of several components or of second derivatives.
using density_function = std::int32_t(const batch &);
using kernel_function = std::int32_t(const pair_batch &);
using system_function = std::int32_t(const system_batch &);
using hessian_function = std::int32_t(const hessian_batch &);

/// A function of the user that returns nothing or a status, as one that returns a status.
template <class Batch, class Function>
std::shared_ptr<std::function<std::int32_t(const Batch &)>> with_status(Function function) {
  return std::make_shared<std::function<std::int32_t(const Batch &)>>(
      [function = std::move(function)](const Batch &at) mutable -> std::int32_t {
        if constexpr (std::is_void_v<decltype(function(at))>) {
          function(at);
          return 0;
        } else {
          return static_cast<std::int32_t>(function(at));
        }
      });
}

/// A density or kernel of the user as one energy of the library: a solver has its own of each, so that what
/// it throws is kept there.
struct term {
  std::shared_ptr<std::function<density_function>> density;
  std::shared_ptr<std::function<kernel_function>> kernel;
  std::shared_ptr<std::function<system_function>> system;
  std::shared_ptr<std::function<hessian_function>> hessian;
  std::exception_ptr *thrown;
};

inline std::int32_t evaluate_in_time(double t, std::uint64_t n, std::uint64_t d, const double *x,
                                     const double *u, const double *p, double *f, double *f_u, double *f_p,
                                     void *user_data) {
  const term &self = *static_cast<const term *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), dimension = static_cast<std::size_t>(d);
    return (*self.density)(batch{size, dimension, {x, size, dimension}, {u, size},
                                 {p, size, dimension}, {f, size}, {f_u, size}, {f_p, size, dimension}, t});
  });
}

inline std::int32_t evaluate(std::uint64_t n, std::uint64_t d, const double *x, const double *u,
                             const double *p, double *f, double *f_u, double *f_p, void *user_data) {
  return evaluate_in_time(0.0, n, d, x, u, p, f, f_u, f_p, user_data);
}

inline std::int32_t evaluate_pairs(double t, std::uint64_t n, std::uint64_t d, const double *x,
                                   const double *y, double *w, double *w_x, void *user_data) {
  const term &self = *static_cast<const term *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), dimension = static_cast<std::size_t>(d);
    return (*self.kernel)(pair_batch{t, size, dimension, {x, size, dimension}, {y, size, dimension},
                                     {w, size}, {w_x, size, dimension}});
  });
}

inline std::int32_t evaluate_system(double t, std::uint64_t n, std::uint64_t d, std::uint64_t c, const double *x,
                                    const double *u, const double *p, double *f, double *f_u, double *f_p,
                                    void *user_data) {
  const term &self = *static_cast<const term *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), dimension = static_cast<std::size_t>(d);
    const auto width = static_cast<std::size_t>(c), slopes = width * dimension;
    return (*self.system)(system_batch{size, dimension, width, {x, size, dimension}, {u, size, width},
                                       {p, size, slopes}, {f, size}, {f_u, size, width}, {f_p, size, slopes}, t});
  });
}

inline std::int32_t evaluate_hessian(double t, std::uint64_t n, std::uint64_t d, const double *x, const double *u,
                                     const double *p, const double *h, double *f, double *f_u, double *f_p,
                                     double *f_h, void *user_data) {
  const term &self = *static_cast<const term *>(user_data);
  return guarded(*self.thrown, [&] {
    const auto size = static_cast<std::size_t>(n), dimension = static_cast<std::size_t>(d);
    const auto square = dimension * dimension;
    return (*self.hessian)(hessian_batch{size, dimension, {x, size, dimension}, {u, size}, {p, size, dimension},
                                         {h, size, square}, {f, size}, {f_u, size}, {f_p, size, dimension},
                                         {f_h, size, square}, t});
  });
}

/// What the log's function threw: on a thread that is inside a call it comes back from that one, else
/// from the next call of any thread.
struct logger {
  static std::exception_ptr &here() {
    static thread_local std::exception_ptr thrown;
    return thrown;
  }
  static int &depth() {
    static thread_local int calls = 0;
    return calls;
  }
  static std::mutex &mutex() {
    static std::mutex lock;
    return lock;
  }
  static std::exception_ptr &elsewhere() {
    static std::exception_ptr thrown;
    return thrown;
  }
  static void threw(std::exception_ptr exception) {
    if (depth() > 0) {
      if (!here()) here() = std::move(exception);
      return;
    }
    const std::lock_guard<std::mutex> lock(mutex());
    if (!elsewhere()) elsewhere() = std::move(exception);
  }
};

/// One call of the library: afterwards, what functions of the user threw comes first.
template <class Call>
void call(std::exception_ptr &thrown, Call &&body) {
  struct inside {
    inside() { ++logger::depth(); }
    ~inside() { --logger::depth(); }
  };
  std::int32_t status = MOV_OK;
  {
    const inside here;
    status = body();
  }
  // A refused handle may be at work in another thread, and so may be what it keeps.
  if (status == MOV_ERROR_HANDLE) check(status);
  rethrow(thrown);
  if (logger::depth() == 0) {
    rethrow(logger::here());
    std::unique_lock<std::mutex> lock(logger::mutex());
    if (std::exception_ptr other = std::exchange(logger::elsewhere(), nullptr)) {
      lock.unlock();
      std::rethrow_exception(other);
    }
  }
  check(status);
}

/// A call during which only the log's function is called.
template <class Call>
void call(Call &&body) {
  std::exception_ptr none;
  call(none, std::forward<Call>(body));
}

/// One that creates.
template <class Handle, class Create>
Handle *create(Create &&body) {
  Handle *handle = nullptr;
  call([&] {
    handle = body();
    return handle != nullptr ? MOV_OK : mov_last_status();
  });
  return handle;
}

/// A text of the library, asked for twice: its size, then itself.
template <class Describe>
std::string text(Describe &&describe) {
  std::uint64_t needed = 0;
  call([&] { return describe(nullptr, 0, &needed); });
  std::string buffer(static_cast<std::size_t>(needed), '\0');
  call([&] { return describe(buffer.data(), needed, nullptr); });
  buffer.resize(buffer.empty() ? 0 : buffer.size() - 1);
  return buffer;
}

template <class Handle, void (*Free)(Handle *)>
struct freed {
  void operator()(Handle *handle) const noexcept { Free(handle); }
};

template <class Handle, void (*Free)(Handle *)>
using owned = std::unique_ptr<Handle, freed<Handle, Free>>;

template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

}  // namespace detail

}  // namespace movimento

#endif  // MOVIMENTO_BORDER_HPP
