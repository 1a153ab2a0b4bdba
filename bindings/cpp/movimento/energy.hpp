// Terms of F. Part of movimento.hpp.

#ifndef MOVIMENTO_ENERGY_HPP
#define MOVIMENTO_ENERGY_HPP

#include <movimento/border.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace movimento {

/// One term of F: a plugin's, or a function of yours.
class energy {
 public:
  /// mov_energy_create: the energy of a plugin by its id, such as "dirichlet".
  explicit energy(const std::string &id)
      : handle_(detail::create<mov_energy>([&] { return mov_energy_create(id.c_str()); })) {}

  /// mov_energy_create_from_file; its first energy without `id`.
  static energy from_file(const std::string &path, const std::string &id = {}) {
    return energy(detail::create<mov_energy>([&] {
      return mov_energy_create_from_file(path.c_str(), id.empty() ? nullptr : id.c_str());
    }));
  }

  /// mov_energy_create_callback: `density` is called with a `const batch &`, and returns nothing or a
  /// status: 0, above 0 to ask for a smaller step, below 0 to fail.
  template <class Density, class = std::enable_if_t<std::is_invocable_v<Density &, const batch &>>>
  energy(const std::string &name, Density density, std::uint32_t flags = 0)
      : name_(name), flags_(flags) {
    density_ = std::make_shared<std::function<std::int32_t(const batch &)>>(
        [density = std::move(density)](const batch &at) mutable -> std::int32_t {
          if constexpr (std::is_void_v<decltype(density(at))>) {
            density(at);
            return 0;
          } else {
            return static_cast<std::int32_t>(density(at));
          }
        });
    unused_ = std::make_unique<std::exception_ptr>();
    own_ = std::make_unique<detail::term>(detail::term{density_, unused_.get()});
    handle_.reset(make(*own_));
  }

  /// The same for a density of u alone: f(u) and its derivative, one number at a time.
  template <class F, class Derivative,
            class = std::enable_if_t<std::is_invocable_r_v<double, F &, double> &&
                                     std::is_invocable_r_v<double, Derivative &, double>>>
  energy(const std::string &name, F f, Derivative f_u, std::uint32_t flags = 0)
      : energy(
            name,
            [f = std::move(f), f_u = std::move(f_u)](const batch &at) mutable {
              for (std::size_t i = 0; i < at.n; ++i) {
                if (at.f) at.f[i] = f(at.u[i]);
                if (at.f_u) at.f_u[i] = f_u(at.u[i]);
              }
            },
            flags) {}

  energy(energy &&) noexcept = default;
  energy &operator=(energy &&other) noexcept {
    energy taken(std::move(other));  // the handle goes before what it calls
    std::swap(name_, taken.name_);
    std::swap(flags_, taken.flags_);
    std::swap(density_, taken.density_);
    std::swap(unused_, taken.unused_);
    std::swap(own_, taken.own_);
    std::swap(handle_, taken.handle_);
    return *this;
  }

  /// mov_energy_set_real
  energy &set(const std::string &parameter, double value) & {
    detail::call([&] { return mov_energy_set_real(get(), parameter.c_str(), value); });
    return *this;
  }
  energy &&set(const std::string &parameter, double value) && {
    return std::move(set(parameter, value));
  }

  /// mov_energy_set_reals
  energy &set(const std::string &parameter, view<const double> values) & {
    detail::call([&] {
      return mov_energy_set_reals(get(), parameter.c_str(), values.size(), values.data());
    });
    return *this;
  }
  energy &&set(const std::string &parameter, view<const double> values) && {
    return std::move(set(parameter, values));
  }
  energy &set(const std::string &parameter, std::initializer_list<double> values) & {
    return set(parameter, view<const double>(values));
  }
  energy &&set(const std::string &parameter, std::initializer_list<double> values) && {
    return std::move(set(parameter, view<const double>(values)));
  }

  /// mov_plugin_describe: what an id, a file, or without `what` every plugin found offers, as JSON.
  static std::string describe(const std::string &what = {}) {
    return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
      return mov_plugin_describe(what.empty() ? nullptr : what.c_str(), buffer, size, needed);
    });
  }

  /// The handle, for movimento.h; it stays this object's.
  mov_energy *get() const noexcept { return handle_.get(); }

 private:
  friend class solver;

  explicit energy(mov_energy *handle) : handle_(handle) {}

  mov_energy *make(detail::term &term) const {
    return detail::create<mov_energy>([&] {
      return mov_energy_create_callback(name_.c_str(), detail::evaluate, flags_, &term);
    });
  }

  std::string name_;
  std::uint32_t flags_ = 0;
  std::shared_ptr<std::function<std::int32_t(const batch &)>> density_;  // none if a plugin's
  std::unique_ptr<std::exception_ptr> unused_;
  std::unique_ptr<detail::term> own_;  // outlives the handle below
  detail::owned<mov_energy, mov_energy_free> handle_;
};

}  // namespace movimento

#endif  // MOVIMENTO_ENERGY_HPP
