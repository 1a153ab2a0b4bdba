// The solver. Part of movimento.hpp.

#ifndef MOVIMENTO_SOLVER_HPP
#define MOVIMENTO_SOLVER_HPP

#include <movimento/energy.hpp>
#include <movimento/functions.hpp>
#include <movimento/options.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace movimento {

/// Mean [d] and covariance [d][d] of a density.
struct moments {
  std::vector<double> mean;
  std::vector<double> covariance;
};

/// A grid of R^d of one to three axes; x is the first.
struct grid {
  struct axis {
    std::uint64_t index;  // which coordinate of R^d it is, from 0
    std::vector<double> coordinates;
  };
  std::vector<axis> axes;
  std::vector<double> origin;  // [d], a point that the grid goes through
};

class writer;

/// What ended a run, see mov_solver_run.
enum class ended : std::int32_t {
  time = MOV_ENDED_TIME,
  rest = MOV_ENDED_REST,
  event = MOV_ENDED_EVENT,
  seconds = MOV_ENDED_SECONDS
};

/// What ends a run: the first of what is given.
struct until {
  double time = std::numeric_limits<double>::infinity();
  double rest = 0.0;
  double seconds = std::numeric_limits<double>::infinity();
  /// Of the time, the energy, and u at `points` [n][d].
  std::function<double(double time, double energy, view<const double> u)> event = nullptr;
  std::vector<double> points = {};
};

/// What is wanted of u at n points, see mov_solver_evaluate_all; an empty view is not wanted.
struct wanted {
  view<double> u = {};
  view<double> grad = {};
  view<double> hessian = {};
  view<double> laplacian = {};
  view<double> rate = {};
};

/// The state of a solver in memory, see mov_solver_save_state.
class saved_state {
 private:
  friend class solver;
  saved_state(detail::functions functions, mov_state *state) : functions_(std::move(functions)), handle_(state) {}
  detail::functions functions_;  // outlives the handle below
  detail::owned<mov_state, mov_state_free> handle_;
};

/// A gradient flow that is being solved.
class solver {
 public:
  /// mov_solver_create; the options are copied.
  explicit solver(const options &options)
      : state_(std::make_unique<detail::functions>()), handle_(detail::create<mov_solver>([&] {
          return mov_solver_create(options.get());
        })),
        dimension_(static_cast<std::size_t>(options.integer("dimension"))),
        components_(static_cast<std::size_t>(number<std::uint64_t>(mov_solver_get_components))) {}

  solver(solver &&) noexcept = default;
  solver &operator=(solver &&other) noexcept {
    solver taken(std::move(other));  // the handle goes before what it calls
    std::swap(state_, taken.state_);
    std::swap(handle_, taken.handle_);
    std::swap(dimension_, taken.dimension_);
    std::swap(components_, taken.components_);
    return *this;
  }

  std::size_t dimension() const noexcept { return dimension_; }

  /// mov_solver_get_components: c. Values of u are [n][c], its gradients [n][c][d].
  std::size_t components() const noexcept { return components_; }

  /// mov_solver_add_energy; the energy is copied.
  void add(const movimento::energy &energy) { add_by(energy, mov_solver_add_energy); }

  /// mov_solver_add_boundary_energy: on one side of the boundary, or on all of it.
  void add_boundary(const movimento::energy &energy, std::int32_t side = MOV_ALL_SIDES) {
    add_by(energy, [side](mov_solver *self, const mov_energy *own) {
      return mov_solver_add_boundary_energy(self, own, side);
    });
  }

  /// mov_solver_add_source: `source(t, x)` is what is added to du/dt at a point, a view<const double>; or, for
  /// all points at once, `source(t, x, s)` with rows<const double> and view<double>.
  template <class Source>
  void add_source(Source source) {
    auto own = keep<detail::timed_function>(detail::timed(std::move(source)));
    call([&](mov_solver *self) { return mov_solver_add_source(self, detail::ask_timed, own.get()); });
    state_->timed.push_back(std::move(own));
  }

  // -- domain

  /// mov_solver_set_inside: `inside(x)` says whether the point, a view<const double>, is in the domain.
  template <class Inside, class = std::enable_if_t<std::is_invocable_r_v<bool, Inside &, view<const double>>>>
  void set_inside(Inside inside) {
    auto own = keep<bool(view<const double>)>(std::move(inside));
    const auto ask = [](std::uint64_t n, std::uint64_t d, const double *x, std::int32_t *answers,
                        void *user_data) {
      auto &self = *static_cast<detail::kept<bool(view<const double>)> *>(user_data);
      return detail::guarded(*self.thrown, [&] {
        for (std::uint64_t i = 0; i < n; ++i)
          answers[i] = self.function(view<const double>(x + i * d, static_cast<std::size_t>(d))) ? 1 : 0;
      });
    };
    call([&](mov_solver *self) { return mov_solver_set_inside(self, ask, own.get()); });
    state_->inside = std::move(own);
  }

  /// mov_solver_set_nodes
  void set_nodes(view<const double> x, view<const double> w, view<const double> x_check = {},
                 view<const double> w_check = {}) {
    detail::expect("x", x.size(), w.size() * dimension_);
    detail::expect("x_check", x_check.size(), w_check.size() * dimension_);
    call([&](mov_solver *self) {
      return mov_solver_set_nodes(self, w.size(), x.data(), w.data(), w_check.size(), x_check.data(),
                                  w_check.data());
    });
  }

  /// mov_solver_set_boundary
  void set_boundary(view<const double> x, view<const double> normal, view<const double> w) {
    detail::expect("x", x.size(), w.size() * dimension_);
    detail::expect("normal", normal.size(), w.size() * dimension_);
    call([&](mov_solver *self) {
      return mov_solver_set_boundary(self, w.size(), x.data(), normal.data(), w.data());
    });
  }

  /// mov_solver_set_boundary_sides
  void set_boundary(view<const double> x, view<const double> normal, view<const double> w,
                    view<const std::int32_t> side) {
    detail::expect("x", x.size(), w.size() * dimension_);
    detail::expect("normal", normal.size(), w.size() * dimension_);
    detail::expect("side", side.size(), w.size());
    call([&](mov_solver *self) {
      return mov_solver_set_boundary_sides(self, w.size(), x.data(), normal.data(), w.data(), side.data());
    });
  }

  /// mov_solver_set_dirichlet: `value(t, x)` is g at a point, a view<const double>, or `value(t, x, g)` fills a
  /// view<double> for all points at once, of which x is rows<const double>. Or a number, the same everywhere
  /// (mov_solver_set_dirichlet_constant).
  template <class Value>
  void set_dirichlet(std::int32_t side, Value value) {
    if constexpr (detail::is_number<Value>) {
      call([&](mov_solver *self) {
        return mov_solver_set_dirichlet_constant(self, side, static_cast<double>(value));
      });
    } else {
      auto own = keep<detail::timed_function>(detail::timed(std::move(value)));
      call([&](mov_solver *self) { return mov_solver_set_dirichlet(self, side, detail::ask_timed, own.get()); });
      state_->timed.push_back(std::move(own));
    }
  }

  /// mov_solver_set_mobility: `mobility(x)` is M at a point, a view<const double>; with `mobility(x, u)` and
  /// `mobility(t, x, u)` it depends on u, and on t. Or `mobility(t, x, u, m)` fills a view<double> for all points at
  /// once, of which x is rows<const double> and u a view<const double>.
  template <class Mobility>
  void set_mobility(Mobility mobility) {
    constexpr std::uint32_t flags = detail::mobility_flags<Mobility>();
    auto own = keep<detail::mobility_function>(detail::mobility_of(std::move(mobility)));
    call([&](mov_solver *self) { return mov_solver_set_mobility(self, detail::ask_mobility, flags, own.get()); });
    state_->mobility = std::move(own);
  }

  /// mov_solver_set_bounds_constant: the same everywhere; -INFINITY and INFINITY where there is none.
  void set_bounds(double lower, double upper) {
    call([&](mov_solver *self) { return mov_solver_set_bounds_constant(self, lower, upper); });
  }

  /// mov_solver_set_bounds: `bounds(x, lower, upper)` fills views<double> for all points at once, of which x is
  /// rows<const double>.
  template <class Both>
  void set_bounds(Both bounds) {
    auto own = keep<detail::bounds_function>(std::move(bounds));
    call([&](mov_solver *self) { return mov_solver_set_bounds(self, detail::ask_bounds, own.get()); });
    state_->bounds = std::move(own);
  }

  /// mov_solver_hold_mean
  void hold_mean(double value) {
    call([&](mov_solver *self) { return mov_solver_hold_mean(self, value); });
  }

  /// mov_solver_hold_integral; the energy is copied.
  void hold_integral(const movimento::energy &energy, double value) {
    add_by(energy, [value](mov_solver *self, const mov_energy *own) {
      return mov_solver_hold_integral(self, own, value);
    });
  }

  /// mov_solver_add_function_of_integral; the energy is copied. `function(integral)` is phi with its first and second
  /// derivative, a std::array<double, 3>.
  template <class Function>
  void add_function_of_integral(const movimento::energy &energy, Function function) {
    auto kept = keep<detail::outer_function>(std::move(function));
    add_by(energy, [&](mov_solver *self, const mov_energy *own) {
      return mov_solver_add_function_of_integral(self, own, detail::ask_outer, kept.get());
    });
    state_->outer.push_back(std::move(kept));
  }

  /// mov_solver_set_communicator: `sum`, `max` and `broadcast` get a view<double>, which they change in
  /// place. For an MPI_Comm there is movimento_mpi.h.
  template <class Sum, class Max, class Broadcast>
  void set_communicator(std::int32_t rank, std::int32_t size, Sum sum, Max max, Broadcast broadcast) {
    auto own = std::make_unique<detail::ranks>(
        detail::ranks{{std::move(sum), std::move(max), std::move(broadcast)}, thrown()});
    call([&](mov_solver *self) {
      return mov_solver_set_communicator(self, rank, size, detail::collective<0>, detail::collective<1>,
                                         detail::collective<2>, own.get());
    });
    state_->collective = std::move(own);
  }

  // -- initial conditions

  /// mov_solver_set_initial_callback: `value(x)` is u_0 at a point, a view<const double>;
  /// `gradient(x, grad)` fills a view<double>. Or, for all points at once, `value(x, u)` with
  /// rows<const double> and view<double>, and `gradient(x, grad)` with rows<const double> and rows<double>. Of
  /// several components also `value(x, u)` at a point, with view<const double> and view<double>.
  template <class Value>
  std::enable_if_t<!std::is_convertible_v<Value, std::string>> set_initial(Value value) {
    set_initial_functions(detail::values_of(std::move(value)), nullptr);
  }
  template <class Value, class Gradient>
  std::enable_if_t<!std::is_convertible_v<Value, view<const double>>> set_initial(Value value,
                                                                                  Gradient gradient) {
    set_initial_functions(detail::values_of(std::move(value)), detail::gradients_of(std::move(gradient)));
  }

  /// mov_solver_set_initial_values: u, and grad u if it is known, at points.
  void set_initial(view<const double> x, view<const double> u, view<const double> grad = {}) {
    const std::size_t n = points_of(x, "u", u);
    if (!grad.empty()) detail::expect("grad", grad.size(), x.size() * components_);
    initial([&](mov_solver *self) {
      return mov_solver_set_initial_values(self, n, x.data(), u.data(), detail::or_null(grad));
    });
  }

  /// mov_solver_set_initial_named
  void set_initial(const std::string &name) {
    initial([&](mov_solver *self) { return mov_solver_set_initial_named(self, name.c_str()); });
  }

  /// mov_solver_set_initial_gaussians; equal masses without `share`.
  void set_initial_gaussians(view<const double> mean, view<const double> covariance,
                             view<const double> share = {}) {
    const std::size_t k = mean.size() / dimension_;
    detail::expect("mean", mean.size(), k * dimension_);
    detail::expect("covariance", covariance.size(), k * dimension_ * dimension_);
    if (!share.empty()) detail::expect("share", share.size(), k);
    initial([&](mov_solver *self) {
      return mov_solver_set_initial_gaussians(self, k, detail::or_null(share), mean.data(),
                                              covariance.data());
    });
  }

  /// mov_solver_set_initial_barenblatt
  void set_initial_barenblatt(double m, double t) {
    initial([&](mov_solver *self) { return mov_solver_set_initial_barenblatt(self, m, t); });
  }

  /// mov_solver_set_initial_density: as the value of `set_initial`.
  template <class Density>
  void set_initial_density(Density density) {
    auto own = keep<detail::value_function>(detail::values_of(std::move(density)));
    call([&](mov_solver *self) { return mov_solver_set_initial_density(self, detail::ask_value, own.get()); });
    state_->density = std::move(own);
  }

  /// mov_solver_set_initial_particles; equal masses without `w`, weak form without `score`.
  void set_initial_particles(view<const double> x, view<const double> rho, view<const double> w = {},
                             view<const double> score = {}) {
    detail::expect("x", x.size(), rho.size() * dimension_);
    if (!w.empty()) detail::expect("w", w.size(), rho.size());
    if (!score.empty()) detail::expect("score", score.size(), x.size());
    initial([&](mov_solver *self) {
      return mov_solver_set_initial_particles(self, rho.size(), x.data(), detail::or_null(w), rho.data(),
                                              detail::or_null(score));
    });
  }

  // -- steps

  /// mov_solver_step
  void step() { call(mov_solver_step); }

  /// mov_solver_step_to
  void step_to(double time) {
    call([&](mov_solver *self) { return mov_solver_step_to(self, time); });
  }

  /// mov_solver_get_time
  double time() const { return number<double>(mov_solver_get_time); }

  /// mov_solver_get_steps
  std::uint64_t steps() const { return number<std::uint64_t>(mov_solver_get_steps); }

  /// mov_solver_get_tau
  double tau() const { return number<double>(mov_solver_get_tau); }

  /// mov_solver_set_tau
  void set_tau(double tau) {
    call([&](mov_solver *self) { return mov_solver_set_tau(self, tau); });
  }

  /// mov_solver_set_options
  void set_options(const options &options) {
    call([&](mov_solver *self) { return mov_solver_set_options(self, options.get()); });
  }

  /// mov_solver_set_progress: `watch` is called with a `const progress &`, and returns nothing, or
  /// whether to go on.
  template <class Watch, class = std::enable_if_t<std::is_invocable_v<Watch &, const progress &>>>
  void set_progress(Watch watch) {
    const auto tell = [](std::int32_t fitting, std::uint64_t step, double time, std::uint64_t iteration,
                         double objective, void *user_data) {
      auto &self = *static_cast<detail::kept<bool(const progress &)> *>(user_data);
      return detail::guarded(*self.thrown, [&] {
        return self.function(progress{fitting != 0, step, time, iteration, objective}) ? 0 : 1;
      });
    };
    auto own = keep<bool(const progress &)>([watch = std::move(watch)](const progress &at) mutable {
      if constexpr (std::is_void_v<decltype(watch(at))>) {
        watch(at);
        return true;
      } else {
        return static_cast<bool>(watch(at));
      }
    });
    call([&](mov_solver *self) { return mov_solver_set_progress(self, tell, own.get()); });
    state_->progress = std::move(own);
  }

  /// The same, to watch no longer.
  void set_progress(std::nullptr_t) {
    call([&](mov_solver *self) { return mov_solver_set_progress(self, nullptr, nullptr); });
    state_->progress.reset();
  }

  /// mov_solver_step_by
  void step_by(double tau) {
    call([&](mov_solver *self) { return mov_solver_step_by(self, tau); });
  }

  /// mov_solver_run
  movimento::ended run(const until &until) {
    detail::expect("points", until.points.size(), until.points.size() / dimension_ * dimension_);
    detail::kept_of_field<detail::event_function> own{{until.event, thrown()}, components_};
    std::int32_t how = 0;
    call([&](mov_solver *self) {
      return mov_solver_run(self, until.time, until.rest, until.seconds, until.points.size() / dimension_,
                            until.points.data(), own.function ? &detail::ask_event : nullptr, &own, &how);
    });
    return static_cast<movimento::ended>(how);
  }

  // -- coupling

  /// mov_solver_set_state_values: the new u at points [n][d] that cover the domain.
  void set_state(view<const double> x, view<const double> values) {
    const std::size_t n = points_of(x, "values", values);
    call([&](mov_solver *self) {
      return mov_solver_set_state_values(self, n, x.data(), values.data());
    });
  }

  /// mov_solver_set_state_callback: `change(x, u)` is the new u at a point, a view<const double>, where it
  /// was u. Or, for all points at once, `change(x, u, values)` with rows<const double>, view<const double> and
  /// view<double>.
  template <class Change>
  void set_state(Change change) {
    detail::kept_of_field<detail::change_function> own{{detail::changes_of(std::move(change)), thrown()},
                                                       components_};
    call([&](mov_solver *self) { return mov_solver_set_state_callback(self, detail::ask_change, &own); });
  }

  /// mov_solver_add_increment_values
  void add_increment(view<const double> x, view<const double> values) {
    const std::size_t n = points_of(x, "values", values);
    call([&](mov_solver *self) {
      return mov_solver_add_increment_values(self, n, x.data(), values.data());
    });
  }

  /// mov_solver_add_increment_callback: as of `set_state`, what is added.
  template <class Change>
  void add_increment(Change change) {
    detail::kept_of_field<detail::change_function> own{{detail::changes_of(std::move(change)), thrown()},
                                                       components_};
    call([&](mov_solver *self) { return mov_solver_add_increment_callback(self, detail::ask_change, &own); });
  }

  /// mov_solver_set_time
  void set_time(double time) {
    call([&](mov_solver *self) { return mov_solver_set_time(self, time); });
  }

  /// mov_solver_set_parameters
  void set_parameters(view<const double> values) {
    call([&](mov_solver *self) { return mov_solver_set_parameters(self, values.size(), values.data()); });
  }

  /// mov_solver_save_state
  saved_state save_state() const {
    mov_state *state = detail::create<mov_state>([&] { return mov_solver_save_state(get()); });
    return saved_state(state_ ? *state_ : detail::functions{}, state);
  }

  /// mov_solver_restore_state
  void restore_state(const saved_state &saved) {
    call([&](mov_solver *self) { return mov_solver_restore_state(self, saved.handle_.get()); });
    state_->terms = saved.functions_.terms;
    state_->density = saved.functions_.density;
  }

  /// mov_solver_clone. Functions are shared: what they throw comes out of a call of either, and in threads of
  /// their own neither may throw.
  solver clone() const {
    mov_solver *copy = detail::create<mov_solver>([&] { return mov_solver_clone(get()); });
    return solver(*state_, copy, dimension_, components_);
  }

  // -- what there is now

  /// mov_solver_evaluate_all: all that is wanted of u at points [n][d].
  void evaluate_all(view<const double> x, const wanted &wanted) const {
    const std::size_t n = points(x), d = dimension_, all_u = n * components_;
    const std::pair<view<double>, std::size_t> all[] = {{wanted.u, all_u},
                                                        {wanted.grad, all_u * d},
                                                        {wanted.hessian, all_u * d * d},
                                                        {wanted.laplacian, all_u},
                                                        {wanted.rate, all_u}};
    const char *names[] = {"u", "grad", "hessian", "laplacian", "rate"};
    for (std::size_t i = 0; i < 5; ++i)
      if (all[i].first) detail::expect(names[i], all[i].first.size(), all[i].second);
    call([&](mov_solver *self) {
      return mov_solver_evaluate_all(self, n, x.data(), wanted.u.data(), wanted.grad.data(), wanted.hessian.data(),
                                     wanted.laplacian.data(), wanted.rate.data());
    });
  }

  /// mov_solver_evaluate_between: u at points [n][d] at a time in the last step.
  std::vector<double> evaluate_between(double time, view<const double> x) const {
    std::vector<double> u(points(x) * components_);
    call([&](mov_solver *self) {
      return mov_solver_evaluate_between(self, time, points(x), x.data(), u.data());
    });
    return u;
  }

  /// mov_solver_evaluate: u at points [n][d].
  std::vector<double> evaluate(view<const double> x) const {
    std::vector<double> u(points(x) * components_);
    evaluate(x, u);
    return u;
  }

  /// mov_solver_evaluate into arrays of the caller; `grad` where it is wanted.
  void evaluate(view<const double> x, view<double> u, view<double> grad = {}) const {
    detail::expect("u", u.size(), points(x) * components_);
    if (grad) detail::expect("grad", grad.size(), x.size() * components_);
    call([&](mov_solver *self) {
      return mov_solver_evaluate(self, points(x), x.data(), u.data(), grad.data());
    });
  }

  /// mov_solver_evaluate: u at one point.
  double value_at(view<const double> x) const {
    detail::expect("x", x.size(), dimension_);
    double u = 0.0;
    evaluate(x, view<double>(&u, 1));
    return u;
  }

  /// mov_solver_energy: F(u); mov_solver_energy_term: one term of it.
  double energy() const { return number<double>(mov_solver_energy); }
  double energy_term(std::uint64_t index) const {
    double value = 0.0;
    call([&](mov_solver *self) { return mov_solver_energy_term(self, index, &value); });
    return value;
  }

  /// mov_solver_energy_count
  std::uint64_t energy_count() const { return number<std::uint64_t>(mov_solver_energy_count); }

  /// mov_solver_energy_name
  std::string energy_name(std::uint64_t index) const {
    return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
      return mov_solver_energy_name(get(), index, buffer, size, needed);
    });
  }

  /// mov_solver_parameter_count, mov_solver_parameters
  std::vector<double> parameters() const {
    std::vector<double> values(static_cast<std::size_t>(number<std::uint64_t>(mov_solver_parameter_count)));
    call([&](mov_solver *self) { return mov_solver_parameters(self, values.size(), values.data()); });
    return values;
  }

  /// mov_solver_push_forward: where the mass that was at `x` [n][d] is now.
  std::vector<double> push_forward(view<const double> x) const {
    std::vector<double> y(points(x) * dimension_);
    call([&](mov_solver *self) { return mov_solver_push_forward(self, points(x), x.data(), y.data()); });
    return y;
  }

  /// mov_solver_velocity: of the mass at `y` [n][d].
  std::vector<double> velocity(view<const double> y) const {
    std::vector<double> v(points(y) * dimension_);
    call([&](mov_solver *self) { return mov_solver_velocity(self, points(y), y.data(), v.data()); });
    return v;
  }

  /// mov_solver_moments
  movimento::moments moments() const {
    movimento::moments m{std::vector<double>(dimension_), std::vector<double>(dimension_ * dimension_)};
    call([&](mov_solver *self) { return mov_solver_moments(self, m.mean.data(), m.covariance.data()); });
    return m;
  }

  /// mov_solver_entropy
  double entropy() const { return number<double>(mov_solver_entropy); }

  /// mov_solver_quantiles: of the coordinate `axis`, counted from 0.
  std::vector<double> quantiles(std::uint64_t axis, view<const double> probability) const {
    std::vector<double> q(probability.size());
    call([&](mov_solver *self) {
      return mov_solver_quantiles(self, axis, q.size(), probability.data(), q.data());
    });
    return q;
  }

  /// mov_solver_fields_describe: the fields by name, as JSON.
  std::string describe_fields() const {
    return detail::text([&](char *buffer, std::uint64_t size, std::uint64_t *needed) {
      return mov_solver_fields_describe(get(), buffer, size, needed);
    });
  }

  /// mov_solver_evaluate_field: [n][components], at points [n][d].
  std::vector<double> evaluate_field(const std::string &name, view<const double> x,
                                     std::size_t components = 1) const {
    std::vector<double> values(points(x) * components);
    call([&](mov_solver *self) {
      return mov_solver_evaluate_field(self, name.c_str(), points(x), x.data(), values.size(),
                                       values.data());
    });
    return values;
  }

  /// mov_solver_grid, by the options that the solver was made with, or by others.
  movimento::grid grid() const { return grid_of(nullptr); }
  movimento::grid grid(const options &options) const { return grid_of(options.get()); }

  /// mov_solver_report: a figure about the last step or the fit.
  double report(const std::string &key) const {
    double value = 0.0;
    call([&](mov_solver *self) { return mov_solver_report(self, key.c_str(), &value); });
    return value;
  }

  /// mov_report_describe: all figures, as JSON.
  static std::string describe_report() { return detail::text(mov_report_describe); }

  /// mov_solver_write_snapshot; its number.
  std::uint64_t write_snapshot(const std::string &folder) const {
    std::uint64_t number = 0;
    call([&](mov_solver *self) { return mov_solver_write_snapshot(self, folder.c_str(), &number); });
    return number;
  }

  /// mov_solver_restore: from a snapshot, or from the last whole one of a folder; its number.
  std::uint64_t restore(const std::string &path) {
    std::uint64_t number = 0;
    call([&](mov_solver *self) { return mov_solver_restore(self, path.c_str(), &number); });
    return number;
  }

  /// mov_solver_set_initial_snapshot: the field of a snapshot, or of the last whole one of a folder, as initial
  /// condition; its number.
  std::uint64_t set_initial_snapshot(const std::string &path) {
    std::uint64_t number = 0;
    call([&](mov_solver *self) { return mov_solver_set_initial_snapshot(self, path.c_str(), &number); });
    return number;
  }

  /// mov_solver_export: the network as safetensors.
  void export_network(const std::string &path) const {
    call([&](mov_solver *self) { return mov_solver_export(self, path.c_str()); });
  }

  /// The handle, for movimento.h; it stays this object's.
  mov_solver *get() const noexcept { return handle_.get(); }

 private:
  friend class writer;

  /// Of a solver that was moved from there is nothing but a refusal.
  std::exception_ptr *thrown() const noexcept { return state_ ? state_->thrown.get() : nullptr; }

  solver(const detail::functions &functions, mov_solver *handle, std::size_t dimension, std::size_t components)
      : state_(std::make_unique<detail::functions>(functions)),
        handle_(handle),
        dimension_(dimension),
        components_(components) {
    state_->progress.reset();
  }

  template <class Call>
  void call(Call &&body) const {
    std::exception_ptr none;
    detail::call(state_ ? *thrown() : none, [&] { return body(get()); });
  }

  /// Adds an energy by a function of the library; the solver has its own of one that calls the user.
  template <class Add>
  void add_by(const movimento::energy &energy, Add added) {
    if (!energy.is_own()) {
      call([&](mov_solver *self) { return added(self, energy.get()); });
      return;
    }
    auto term = std::make_unique<detail::term>(energy.term(thrown()));
    const detail::owned<mov_energy, mov_energy_free> own(energy.make(*term));
    call([&](mov_solver *self) { return added(self, own.get()); });
    state_->terms.push_back(std::move(term));
  }

  template <class T, class Get>
  T number(Get get_number) const {
    T value{};
    call([&](mov_solver *self) { return get_number(self, &value); });
    return value;
  }

  std::size_t points(view<const double> x) const {
    const std::size_t n = x.size() / dimension_;
    detail::expect("x", x.size(), n * dimension_);
    return n;
  }

  /// The points where there are values of u.
  std::size_t points_of(view<const double> x, const char *name, view<const double> values) const {
    const std::size_t n = values.size() / components_;
    detail::expect("x", x.size(), n * dimension_);
    detail::expect(name, values.size(), n * components_);
    return n;
  }

  movimento::grid grid_of(const mov_options *options) const {
    std::uint64_t axes[3], sizes[3];
    std::vector<double> all;
    movimento::grid made{{}, std::vector<double>(dimension_)};
    const auto ask = [&](double *coordinates) {
      call([&](mov_solver *self) {
        return mov_solver_grid(self, options, axes, sizes, made.origin.data(), all.size(), coordinates);
      });
    };
    ask(nullptr);
    all.resize(static_cast<std::size_t>(sizes[0] + sizes[1] + sizes[2]));
    ask(all.data());
    auto next = all.begin();
    for (int axis = 0; axis < 3 && sizes[axis] > 0; ++axis) {
      const auto end = next + static_cast<std::ptrdiff_t>(sizes[axis]);
      made.axes.push_back({axes[axis], {next, end}});
      next = end;
    }
    return made;
  }

  /// After another initial condition the library no longer asks for the density.
  template <class Call>
  void initial(Call &&body) {
    call(body);
    state_->density.reset();
  }

  template <class Signature, class Function>
  std::unique_ptr<detail::kept<Signature>> keep(Function &&function) {
    return std::make_unique<detail::kept<Signature>>(
        detail::kept<Signature>{std::forward<Function>(function), thrown()});
  }

  /// Used during the call only.
  void set_initial_functions(std::function<detail::value_function> value,
                             std::function<detail::gradient_function> gradient) {
    detail::field own{std::move(value), std::move(gradient), thrown(), components_};
    initial([&](mov_solver *self) {
      return mov_solver_set_initial_callback(self, detail::ask_field,
                                             own.gradient ? &detail::ask_field_gradient : nullptr, &own);
    });
  }

  std::unique_ptr<detail::functions> state_;  // outlives the handle below
  detail::owned<mov_solver, mov_solver_free> handle_;
  std::size_t dimension_;
  std::size_t components_;
};

}  // namespace movimento

#endif  // MOVIMENTO_SOLVER_HPP
