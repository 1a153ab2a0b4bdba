// Series of snapshots. Part of movimento.hpp.

#ifndef MOVIMENTO_WRITER_HPP
#define MOVIMENTO_WRITER_HPP

#include <movimento/options.hpp>
#include <movimento/solver.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace movimento {

/// A writer of a series of snapshots into a folder. What a function of yours throws comes out of `write`.
class writer {
 public:
  /// Values [n][components] of a field at points, where u is known; NaN leaves a blank.
  using values_function = void(rows<const double> x, view<const double> u, rows<double> out);

  /// mov_writer_create, with the options `snapshot_*` of the solver.
  writer(const solver &solver, const std::string &folder) : writer(solver, folder, nullptr) {}

  /// mov_writer_create, with the options `snapshot_*` of `options`.
  writer(const solver &solver, const std::string &folder, const options &options)
      : writer(solver, folder, options.get()) {}

  writer(writer &&) noexcept = default;
  writer &operator=(writer &&other) noexcept {
    writer taken(std::move(other));  // the handle goes before what it calls
    std::swap(state_, taken.state_);
    std::swap(handle_, taken.handle_);
    std::swap(dimension_, taken.dimension_);
    std::swap(of_u_, taken.of_u_);
    return *this;
  }

  /// mov_writer_add_field
  writer &add(const solver &solver, const std::string &name) {
    detail::call([&] { return mov_writer_add_field(get(), solver.get(), name.c_str()); });
    return *this;
  }

  /// mov_writer_add_callback of one number: `value(x, u)` at a point, a view<const double>, with u there.
  template <class Value>
  std::enable_if_t<std::is_invocable_r_v<double, Value &, view<const double>, double>, writer &> add(
      const std::string &name, Value value) {
    return add(name, 1, [value = std::move(value)](rows<const double> x, view<const double> u,
                                                   rows<double> out) mutable {
      detail::expect("u", u.size(), x.size());
      for (std::size_t i = 0; i < u.size(); ++i) out[i][0] = value(x[i], u[i]);
    });
  }

  /// mov_writer_add_callback of several, for all points at once: `values(x, u, out)`.
  writer &add(const std::string &name, std::size_t components, std::function<values_function> values) {
    auto own = std::make_unique<expression>(
        expression{std::move(values), state_ ? &state_->thrown : nullptr, components, of_u_});
    const auto ask = [](std::uint64_t n, std::uint64_t d, const double *x, const double *u, double *out,
                        void *user_data) {
      auto &self = *static_cast<expression *>(user_data);
      return detail::guarded(*self.thrown, [&] {
        const auto size = static_cast<std::size_t>(n);
        self.function(rows<const double>(x, size, static_cast<std::size_t>(d)),
                      view<const double>(u, size * self.of_u), rows<double>(out, size, self.components));
      });
    };
    detail::call([&] {
      return mov_writer_add_callback(get(), name.c_str(), components, ask, own.get());
    });
    state_->expressions.push_back(std::move(own));
    return *this;
  }

  /// mov_writer_describe_field
  writer &describe(const std::string &name, const std::string &long_name, const std::string &units = "") {
    detail::call([&] {
      return mov_writer_describe_field(get(), name.c_str(), long_name.c_str(), units.c_str());
    });
    return *this;
  }

  /// mov_writer_set_points: [n][d]; empty for none.
  writer &set_points(view<const double> x) {
    const std::size_t n = x.size() / dimension_;
    detail::expect("x", x.size(), n * dimension_);
    detail::call([&] { return mov_writer_set_points(get(), n, x.data()); });
    return *this;
  }

  /// mov_writer_write; the number of the snapshot.
  std::uint64_t write(const solver &solver) {
    std::uint64_t number = 0;
    std::exception_ptr none;
    // What energies of the user throw is kept at the solver.
    solver.call([&](mov_solver *of) {
      const std::int32_t status = mov_writer_write(get(), of, &number);
      detail::rethrow(state_ ? state_->thrown : none);
      return status;
    });
    return number;
  }

  /// mov_writer_count
  std::uint64_t count() const {
    std::uint64_t count = 0;
    detail::call([&] { return mov_writer_count(get(), &count); });
    return count;
  }

  /// mov_writer_close; without it the destructor does so, and what goes wrong is logged.
  void close() {
    detail::call([&] { return mov_writer_close(get()); });
  }

  /// The handle, for movimento.h; it stays this object's.
  mov_writer *get() const noexcept { return handle_.get(); }

 private:
  struct expression {
    std::function<values_function> function;
    std::exception_ptr *thrown;
    std::size_t components;
    std::size_t of_u;
  };

  /// At an address that stays when the writer moves.
  struct state {
    std::exception_ptr thrown;
    std::vector<std::unique_ptr<expression>> expressions;
  };

  writer(const solver &solver, const std::string &folder, const mov_options *options)
      : state_(std::make_unique<state>()), handle_(detail::create<mov_writer>([&] {
          return mov_writer_create(solver.get(), folder.c_str(), options);
        })),
        dimension_(solver.dimension()),
        of_u_(solver.components()) {}

  std::unique_ptr<state> state_;  // outlives the handle below
  detail::owned<mov_writer, mov_writer_free> handle_;
  std::size_t dimension_;
  std::size_t of_u_;  // components of u
};

/// mov_pack_snapshots
inline void pack_snapshots(const std::string &folder, const std::string &path) {
  detail::call([&] { return mov_pack_snapshots(folder.c_str(), path.c_str()); });
}

/// mov_index_snapshots, in the folder
inline void index_snapshots(const std::string &folder) {
  detail::call([&] { return mov_index_snapshots(folder.c_str(), nullptr); });
}

/// mov_index_snapshots, into another file
inline void index_snapshots(const std::string &folder, const std::string &path) {
  detail::call([&] { return mov_index_snapshots(folder.c_str(), path.c_str()); });
}

/// mov_index_describe
inline std::string describe_index(const std::string &path) {
  return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
    return mov_index_describe(path.c_str(), buffer, size, needed);
  });
}

}  // namespace movimento

#endif  // MOVIMENTO_WRITER_HPP
