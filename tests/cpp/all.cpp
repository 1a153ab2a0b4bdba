// Every function of movimento.hpp, wrong calls and exceptions of the user's functions included. Arguments:
// a folder for snapshots, and anything to leave out the longer parts.
#include "check.hpp"

#include <array>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>
#if __cplusplus >= 202002L
#include <span>
#endif

using movimento::rows;
using movimento::view;

namespace {

constexpr double pi = 3.14159265358979323846;

// What a user's function throws; not a std::exception.
struct mine {
  int number;
};

template <class Statement>
int thrown_by(Statement &&statement) {
  try {
    statement();
  } catch (const mine &e) {
    return e.number;
  }
  return 0;
}

movimento::options tiny(int dimension) {
  movimento::options options;
  options.set("dimension", dimension).set("hidden", {8}).set("threads", 1).set("tau", 0.01);
  options.set("nodes", dimension == 1 ? 40 : 576).set("check_nodes", 100);
  options.set("fit_max_iterations", 30).set("fit_accept", 0.2).set("tolerance", 0.01);
  options.set("snapshot_resolution", 9);
  return options;
}

double wave(view<const double> x) { return 1.0 + 0.5 * std::cos(pi * x[0]); }
void wave_gradient(view<const double> x, view<double> grad) {
  for (double &g : grad) g = 0.0;
  grad[0] = -0.5 * pi * std::sin(pi * x[0]);
}

movimento::energy decay(double rate) {
  return movimento::energy(
      "decay", [rate](double u) { return 0.5 * rate * u * u; }, [rate](double u) { return rate * u; },
      MOV_CONVEX);
}

void options() {
  movimento::options options;
  CHECK(movimento::abi_version() == MOV_ABI_VERSION && !movimento::version().empty());
  // A number finds the type of the option.
  options.set("tau", 1).set("lower", 0).set("upper", {1.0, 2.0}).set("hidden", 8);
  CHECK(options.real("tau") == 1.0 && options.reals("lower") == std::vector<double>{0.0});
  CHECK(options.integers("hidden") == std::vector<std::int64_t>{8});
  const std::array<double, 2> sides{3.0, 4.0};
  const double corner[2] = {-1.0, -2.0};
  options.set("upper", sides).set("lower", corner).set("hidden", std::vector<int>{4, 5});
  CHECK(options.reals("upper")[1] == 4.0 && options.reals("lower")[1] == -2.0);
  CHECK(options.integers("hidden")[1] == 5);
  options.set("upper", {1, 2.5}).set("lower", std::vector<int>{0, 1}).set("dimension", 2u);
  CHECK(options.reals("upper")[1] == 2.5 && options.reals("lower")[1] == 1.0);
#if __cplusplus >= 202002L
  options.set("upper", std::span<const double>(sides));
  CHECK(options.reals("upper")[0] == 3.0);
#endif
  options.set("embedding", "periodic").set("embedding", std::string("none"));
  CHECK(options.text("embedding") == "none" && options.integer("dimension") == 2);
  REFUSED(options.set("tau", -1.0), MOV_ERROR_OPTION, "`tau`");
  REFUSED(options.set("no-such", 1), MOV_ERROR_OPTION, "no-such");
  REFUSED(options.set("dimension", 1.5), MOV_ERROR_OPTION, "dimension");
  REFUSED(options.set("seed", UINT64_MAX), MOV_ERROR_OPTION, "18446744073709551615");
  REFUSED(options.set("hidden", -1), MOV_ERROR_OPTION, "hidden");
  REFUSED(options.set("embedding", "velvet"), MOV_ERROR_OPTION, "velvet");
  REFUSED(options.reals("tau"), MOV_ERROR_OPTION, "tau");
  CHECK(options.real("tau") == 1.0 && options.text("embedding") == "none");
  CHECK(movimento::options::describe().front() == '[');
  movimento::options other = std::move(options);
  CHECK(other.real("tau") == 1.0);
  REFUSED(options.set("tau", 1.0), MOV_ERROR_HANDLE, "NULL");
}

void heat(const std::string &folder) {
  movimento::solver solver(tiny(2));
  CHECK(solver.dimension() == 2);
  REFUSED(movimento::energy("no-such-energy"), MOV_ERROR_PLUGIN, "no-such-energy");
  REFUSED(movimento::energy::from_file("/nowhere.so"), MOV_ERROR_PLUGIN, "/nowhere.so");
  CHECK(movimento::energy::describe("dirichlet").find("kappa") != std::string::npos);
  movimento::energy dirichlet("dirichlet");
  dirichlet.set("kappa", {0.2}).set("kappa", 0.1);
  REFUSED(dirichlet.set("kapa", 0.1), MOV_ERROR_OPTION, "kapa");
  solver.add(dirichlet);
  solver.add(decay(0.1));
  REFUSED(solver.step(), MOV_ERROR_STATE, "initial condition");
  solver.set_initial(wave, wave_gradient);
  // The network has some accuracy; here that of a fit in 30 iterations.
  CHECK(std::abs(solver.value_at({0.5, 0.5}) - 1.0) < 0.1);
  int watched = 0;
  solver.set_progress([&](const movimento::progress &at) { watched += at.fitting ? 0 : 1; });
  solver.step();
  CHECK(watched > 0 && solver.steps() == 1 && std::abs(solver.time() - 0.01) < 1e-15);
  solver.set_progress([](const movimento::progress &) { return false; });
  try {
    solver.step();
    CHECK(false);
  } catch (const movimento::recoverable &e) {
    CHECK(e.status() == MOV_CANCELLED && solver.steps() == 1);
  }
  solver.set_progress(nullptr);
  const std::vector<double> x = {0.0, 0.5, 1.0, 0.5};
  std::array<double, 2> u{};
  std::vector<double> grad(4);
  solver.evaluate(x, u, grad);
  CHECK(u[0] > u[1] && std::abs(grad[1]) < 0.3);
  CHECK(solver.evaluate(x) == std::vector<double>(u.begin(), u.end()));
  REFUSED(solver.evaluate({0.0, 0.5, 1.0}), MOV_ERROR_ARGUMENT, "`x` has 3");
  REFUSED(solver.evaluate(x, view<double>(u.data(), 1)), MOV_ERROR_ARGUMENT, "`u` has 1");
  REFUSED(solver.value_at({0.0, std::nan("")}), MOV_ERROR_ARGUMENT, "NaN");
  CHECK(solver.describe_fields().find("\"grad_u\"") != std::string::npos);
  CHECK(solver.describe_fields().find("velocity") == std::string::npos);
  CHECK(solver.evaluate_field("u", x) == solver.evaluate(x));
  CHECK(solver.evaluate_field("grad_u", x, 2) == grad);
  REFUSED(solver.evaluate_field("velocity", x, 2), MOV_ERROR_ARGUMENT, "no field `velocity`");
  REFUSED(solver.evaluate_field("grad_u", x), MOV_ERROR_ARGUMENT, "`values` has 2");
  const movimento::grid grid = solver.grid();
  CHECK(grid.axes.size() == 2 && grid.axes[0].index == 0 && grid.origin.size() == 2);
  CHECK(grid.axes[1].coordinates.front() == 0.0 && grid.axes[1].coordinates.back() == 1.0);
  movimento::options line(tiny(2));
  line.set("snapshot_axes", std::vector<std::int64_t>{1}).set("snapshot_resolution", 3);
  CHECK(solver.grid(line).axes.size() == 1 && solver.grid(line).axes[0].index == 1);
  CHECK(solver.grid(line).axes[0].coordinates == (std::vector<double>{0.0, 0.5, 1.0}));
  CHECK(solver.energy_count() == 2 && solver.energy_name(1) == "decay");
  CHECK(std::abs(solver.energy() - solver.energy_term(0) - solver.energy_term(1)) < 1e-12);
  CHECK(std::isfinite(solver.report("energy_slack")) && movimento::solver::describe_report().front() == '[');
  CHECK(solver.parameters().size() > 8);
  CHECK(solver.write_snapshot(folder) == 0 && solver.write_snapshot(folder) == 1);
  REFUSED(solver.write_snapshot("/dev/null/folder"), MOV_ERROR_FILE, "/dev/null");
  const double reached = solver.parameters().front();
  solver.step();
  CHECK(solver.restore(folder) == 1 && solver.parameters().front() == reached);
  REFUSED(solver.restore("/dev/null"), MOV_ERROR_FILE, "/dev/null");
  movimento::solver begun(tiny(2));
  CHECK(begun.set_initial_snapshot(folder) == 1 && begun.time() == 0.0);
  CHECK(std::abs(begun.value_at({0.3, 0.4}) - solver.value_at({0.3, 0.4})) < 1e-2);
  REFUSED(begun.set_initial_snapshot("/dev/null"), MOV_ERROR_FILE, "/dev/null");
  solver.export_network(folder + "/network.safetensors");
  REFUSED(solver.export_network("/dev/null/network"), MOV_ERROR_FILE, "/dev/null/network");
  movimento::options other = tiny(2);
  other.set("tolerance", 0.02);
  solver.set_options(other);
  REFUSED(solver.set_options(tiny(1)), MOV_ERROR_OPTION, "`dimension`");
  solver.set_tau(0.005);
  CHECK(solver.tau() == 0.005);
  // What a solver keeps moves with it.
  movimento::solver moved = std::move(solver);
  moved.step_to(0.02);
  solver = movimento::solver(tiny(2));
  std::swap(solver, moved);
  solver.step();
  movimento::solver gone = std::move(moved);
  REFUSED(moved.step(), MOV_ERROR_HANDLE, "NULL");
  REFUSED(moved.add(dirichlet), MOV_ERROR_HANDLE, "NULL");
  REFUSED(moved.set_initial(wave), MOV_ERROR_HANDLE, "NULL");
  REFUSED(moved.set_inside([](view<const double>) { return true; }), MOV_ERROR_HANDLE, "NULL");
}

void initial_conditions() {
  movimento::solver solver(tiny(1));
  solver.add(decay(1.0));
  const auto at = [&](double x) { return solver.value_at({x}); };
  solver.set_initial([](rows<const double> x, view<double> u) {
    CHECK(x.size() == u.size() && x.dimension() == 1);
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = wave(x[i]);
  });
  const double u = at(0.3);
  solver.set_initial(wave);
  CHECK(at(0.3) == u);
  solver.set_initial(wave, wave_gradient);
  const double with_gradient = at(0.3);
  solver.set_initial(wave, [](rows<const double> x, rows<double> grad) {
    for (std::size_t i = 0; i < x.size(); ++i) wave_gradient(x[i], grad[i]);
  });
  CHECK(at(0.3) == with_gradient);
  std::vector<double> x, values, gradients(100);
  for (std::size_t i = 0; i < 100; ++i) {
    x.push_back((static_cast<double>(i) + 0.5) / 100.0);
    values.push_back(wave({x[i]}));
    wave_gradient({x[i]}, view<double>(&gradients[i], 1));
  }
  solver.set_initial(x, values);
  solver.set_initial(x, values, gradients);
  CHECK(std::abs(at(0.3) - wave({0.3})) < 0.05);
  REFUSED(solver.set_initial(x, values, {1.0}), MOV_ERROR_ARGUMENT, "`grad` has 1");
  REFUSED(solver.set_initial("no-such-form"), MOV_ERROR_ARGUMENT, "no-such-form");
  // An energy of a batch, whose derivative in p is wanted.
  movimento::solver flat(tiny(1));
  flat.add(movimento::energy(
      "dirichlet of my own",
      [](const movimento::batch &b) {
        for (std::size_t i = 0; i < b.n; ++i) {
          if (b.f) b.f[i] = 0.5 * b.p[i][0] * b.p[i][0];
          if (b.f_u) b.f_u[i] = 0.0;
          if (b.f_p) b.f_p[i][0] = b.p[i][0];
        }
      },
      MOV_USES_GRADIENT | MOV_CONVEX));
  flat.set_initial(wave, wave_gradient);
  flat.step();
  // cos(pi x) decays by 1 / (1 + pi^2 tau).
  CHECK(std::abs(flat.value_at({0.0}) - 1.0 - 0.5 / (1.0 + pi * pi * 0.01)) < 0.02);
}

void exceptions() {
  int when = 0;
  movimento::solver solver(tiny(1));
  movimento::energy energy("moody", [&](const movimento::batch &b) {
    if (when == 1) throw mine{1};
    for (std::size_t i = 0; i < b.n; ++i) {
      if (b.f) b.f[i] = 0.5 * b.u[i] * b.u[i];
      if (b.f_u) b.f_u[i] = b.u[i];
    }
    return when == 2 ? 1 : when == 3 ? -1 : 0;
  });
  solver.add(energy);
  CHECK(thrown_by([&] { solver.set_initial([](view<const double>) -> double { throw mine{2}; }); }) == 2);
  CHECK(thrown_by([&] {
          solver.set_initial(wave, [](view<const double>, view<double>) { throw mine{3}; });
        }) == 3);
  CHECK(thrown_by([&] { solver.set_inside([](view<const double>) -> bool { throw mine{4}; }); }) == 4);
  solver.set_initial(wave, wave_gradient);
  when = 1;
  CHECK(thrown_by([&] { solver.step(); }) == 1);
  CHECK(thrown_by([&] { solver.energy(); }) == 1);
  when = 2;
  try {
    solver.step();
    CHECK(false);
  } catch (const movimento::recoverable &e) {
    CHECK(e.status() == MOV_TRY_AGAIN);
  }
  when = 3;
  REFUSED(solver.step(), MOV_ERROR_CALLBACK, "-1");
  when = 0;
  CHECK(solver.steps() == 0);
  solver.set_progress([](const movimento::progress &) { throw mine{5}; });
  CHECK(thrown_by([&] { solver.step(); }) == 5);
  solver.set_progress(nullptr);
  movimento::set_log(MOV_LOG_TRACE, [](std::int32_t, const char *) { throw mine{6}; });
  CHECK(thrown_by([&] { solver.step(); }) == 6);
  movimento::set_log(MOV_LOG_TRACE, [](std::int32_t level, const char *text) {
    CHECK(level >= MOV_LOG_ERROR && level <= MOV_LOG_TRACE && text != nullptr);
  });
  solver.step();
  movimento::set_log(nullptr);
  REFUSED(movimento::set_log(17, [](std::int32_t, const char *) {}), MOV_ERROR_ARGUMENT, "17");
  // One solver in the function of another: what the inner one throws passes through both.
  movimento::solver outer(tiny(1));
  outer.add(movimento::energy("outer", [&](const movimento::batch &) {
    when = 1;
    solver.step();
  }));
  outer.set_initial(wave, wave_gradient);
  CHECK(thrown_by([&] { outer.step(); }) == 1);
  when = 0;
  // The same solver is busy, and says so.
  movimento::solver busy(tiny(1));
  busy.add(decay(1.0));
  busy.set_initial(wave, wave_gradient);
  busy.set_progress([&](const movimento::progress &) { busy.value_at({0.0}); });
  REFUSED(busy.step(), MOV_ERROR_HANDLE, "busy");
  // One energy in several solvers and threads: each gets its own back.
  std::atomic<int> counter{0};
  const movimento::energy shared("shared", [&](const movimento::batch &b) {
    if (!b.f_u || counter < 0) throw mine{10 + ++counter};
    for (std::size_t i = 0; i < b.n; ++i) b.f_u[i] = b.u[i];
    throw mine{10 + ++counter};
  });
  std::array<int, 4> got{};
  std::vector<std::thread> threads;
  for (int &number : got)
    threads.emplace_back([&number, &shared] {
      movimento::solver own(tiny(1));
      own.add(shared);
      own.set_initial(wave, wave_gradient);
      number = thrown_by([&] { own.step(); });
    });
  for (std::thread &thread : threads) thread.join();
  int sum = 0;
  for (const int number : got) sum += number;
  CHECK(sum == 11 + 12 + 13 + 14);
}

void domains() {
  movimento::options options = tiny(2);
  options.set("lower", -1).set("upper", 1).set("embedding", "auto").set("nodes", 400).set("check_nodes", 300);
  movimento::solver disc(options);
  disc.add(movimento::energy("dirichlet"));
  disc.set_inside([](view<const double> x) { return x[0] * x[0] + x[1] * x[1] < 1.0; });
  disc.set_initial([](view<const double> x) { return 1.0 + 0.5 * x[0]; });
  disc.step();
  CHECK(std::abs(disc.report("mass") / pi - 1.0) < 2e-2);
  // The same with nodes of this program.
  const auto rings = [](int m, std::vector<double> &x, std::vector<double> &w) {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < 4 * m; ++j) {
        const double r = (i + 0.5) / m, angle = 2.0 * pi * (j + 0.5) / (4 * m);
        x.insert(x.end(), {r * std::cos(angle), r * std::sin(angle)});
        w.push_back(r / m * 2.0 * pi / (4 * m));
      }
  };
  std::vector<double> x, w, x_check, w_check, x_edge, w_edge;
  rings(20, x, w);
  rings(25, x_check, w_check);
  for (int i = 0; i < 40; ++i) {
    x_edge.insert(x_edge.end(), {std::cos(2.0 * pi * i / 40), std::sin(2.0 * pi * i / 40)});
    w_edge.push_back(2.0 * pi / 40);
  }
  // What is left of the flux hangs on how far the step is minimised.
  options.set("tolerance", 1e-3);
  movimento::solver mesh(options);
  mesh.add(movimento::energy("dirichlet"));
  mesh.set_nodes(x, w);
  mesh.set_nodes(x, w, x_check, w_check);
  mesh.set_boundary(x_edge, x_edge, w_edge);
  mesh.set_boundary(x_edge, x_edge, w_edge, std::vector<std::int32_t>(40, 2));
  REFUSED(mesh.set_nodes(x, x), MOV_ERROR_ARGUMENT, "`x` has");
  REFUSED(mesh.set_boundary(x_edge, w_edge, w_edge), MOV_ERROR_ARGUMENT, "`normal` has 40");
  mesh.set_initial([](view<const double> at) { return 1.0 + 0.5 * at[0]; });
  mesh.step();
  CHECK(std::abs(mesh.report("mass") / pi - 1.0) < 2e-2 && mesh.report("boundary_flux") < 0.2);
}

// u = 1 + x + t, with values at x = 0 and a flux at x = 1.
void sides() {
  movimento::options options;
  options.set("dimension", 1).set("tau", 0.05);
  movimento::solver solver(options);
  const movimento::energy source(
      "source", [](double u) { return -u; }, [](double) { return -1.0; }, MOV_CONVEX);
  solver.add(movimento::energy("dirichlet"));
  solver.add(source);
  REFUSED(solver.add_boundary(movimento::energy("dirichlet")), MOV_ERROR_PLUGIN, "grad u");
  solver.add_boundary(source, 1);
  REFUSED(solver.set_dirichlet(2, 1.0), MOV_ERROR_ARGUMENT, "`side` is 2");
  bool caught = false;
  try {
    solver.set_dirichlet(0, [](double, view<const double>) -> double { throw 17; });
  } catch (int thrown) {
    caught = thrown == 17;
  }
  CHECK(caught);
  solver.set_dirichlet(0, [](double t, view<const double> x) { return 1.0 + x[0] + t; });
  solver.set_initial([](view<const double> x) { return 1.0 + x[0]; });
  movimento::solver moved = std::move(solver);
  moved.step_to(0.2);
  CHECK(std::abs(moved.value_at({0.25}) - 1.45) < 1e-5 && std::abs(moved.value_at({0.0}) - 1.2) < 1e-12);
  movimento::solver all(options);
  all.set_dirichlet(MOV_ALL_SIDES, [](double, movimento::rows<const double> x, view<double> g) {
    for (std::size_t i = 0; i < x.size(); ++i) g[i] = x[i][0];
  });
}

// u' = -M u from 1: with a mobility, between bounds, and with integrals that are held.
void held() {
  movimento::options options;
  options.set("dimension", 1).set("tau", 0.05).set("movement", "second");
  options.set("hidden", {60}).set("training", "outputs").set("threads", 1);
  const auto one = [](view<const double>) { return 1.0; };
  const auto end = [&](auto pose) {
    movimento::solver solver(options);
    solver.add(movimento::energy("quadratic"));
    pose(solver);
    solver.set_initial(one);
    movimento::solver moved = std::move(solver);
    moved.step_to(0.2);
    return moved.value_at({0.25});
  };
  const auto near = [](double u, double expected) { return std::abs(u - expected) < 1e-3; };
  CHECK(near(end([](auto &s) { s.set_mobility([](view<const double> x) { return 1.0 + x[0]; }); }), std::exp(-0.25)));
  CHECK(near(end([](auto &s) { s.set_mobility([](view<const double>, double u) { return u; }); }), 1.0 / 1.2));
  CHECK(near(end([](auto &s) {
               s.set_mobility([](double t, view<const double>, double u) { return u + 0.0 * t; });
             }),
             1.0 / 1.2));
  CHECK(near(end([](auto &s) {
               s.set_mobility([](double, movimento::rows<const double>, view<const double> u, view<double> m) {
                 for (std::size_t i = 0; i < m.size(); ++i) m[i] = u[i];
               });
             }),
             1.0 / 1.2));
  CHECK(near(end([](auto &s) { s.set_bounds(0.95, INFINITY); }), 0.95));
  CHECK(near(end([](auto &s) {
               s.set_bounds([](movimento::rows<const double> x, view<double> lower, view<double>) {
                 for (std::size_t i = 0; i < x.size(); ++i) lower[i] = 0.9 + x[i][0] / 20.0;
               });
             }),
             0.9125));
  movimento::solver of_integral(options);
  of_integral.add_function_of_integral(movimento::energy("quadratic"), [](double integral) {
    return std::array<double, 3>{0.5 * integral * integral, integral, 1.0};
  });
  of_integral.set_initial(one);
  of_integral.step_to(0.2);
  CHECK(near(of_integral.value_at({0.25}), 1.0 / std::sqrt(1.2)));
  movimento::solver solver(options);
  REFUSED(solver.set_bounds(1.0, 0.0), MOV_ERROR_ARGUMENT, "the bounds are 1 and 0");
  bool caught = false;
  try {
    solver.set_mobility([](view<const double>) -> double { throw 17; });
  } catch (int thrown) {
    caught = thrown == 17;
  }
  CHECK(caught);
  solver.add(movimento::energy("dirichlet"));
  solver.hold_mean(1.5);
  const movimento::energy square(
      "square", [](double u) { return u * u; }, [](double u) { return 2.0 * u; }, MOV_CONVEX);
  solver.hold_integral(square, 2.5);
  solver.set_initial([](view<const double> x) { return 1.0 + x[0]; });
  solver.step();
  CHECK(std::abs(solver.report("mass") - 1.5) < 1e-12 && solver.report("integral_error") < 1e-10);
}

void transport() {
  movimento::options options;
  options.set("flow", "wasserstein").set("domain", "space").set("dimension", 2).set("hidden", {4});
  options.set("tau", 0.01).set("threads", 1);
  movimento::solver solver(options);
  solver.add(movimento::energy("entropy"));
  const std::vector<double> mean = {0.5, -0.5}, covariance = {1.0, 0.25, 0.25, 0.5};
  REFUSED(solver.set_initial_gaussians(mean, {1.0}), MOV_ERROR_ARGUMENT, "`covariance` has 1");
  solver.set_initial_gaussians(mean, covariance);
  solver.step();
  const movimento::moments m = solver.moments();
  CHECK(std::abs(m.mean[0] - 0.5) < 1e-6 && std::abs(m.covariance[0] - 1.02) < 1e-3);
  const double determinant = m.covariance[0] * m.covariance[3] - m.covariance[1] * m.covariance[2];
  CHECK(std::abs(solver.entropy() + 1.0 + std::log(2.0 * pi * std::sqrt(determinant))) < 1e-3);
  CHECK(std::abs(solver.quantiles(1, {0.5})[0] + 0.5) < 5e-3);
  CHECK(std::abs(solver.push_forward(mean)[1] + 0.5) < 1e-5);
  CHECK(std::abs(solver.velocity(mean)[0]) < 1e-3);
  solver.set_initial_gaussians({-1.0, 0.0, 1.0, 0.0}, {1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0}, {0.25, 0.75});
  CHECK(std::abs(solver.moments().mean[0] - 0.5) < 1e-12);

  movimento::solver line(movimento::options(std::move(options.set("dimension", 1))));
  line.add(movimento::energy("power"));
  line.set_initial_barenblatt(2.0, 0.1);
  line.step();
  CHECK(std::abs(line.report("mass") - 1.0) < 1e-12);
  std::vector<double> x(100), rho(100, 0.5), score(100, 0.0), w(100, 0.01);
  for (std::size_t i = 0; i < 100; ++i) x[i] = (static_cast<double>(i) + 0.5) / 50.0 - 1.0;
  line.set_initial_particles(x, rho);
  line.set_initial_particles(x, rho, w);
  line.set_initial_particles(x, rho, w, score);
  REFUSED(line.set_initial_particles(x, rho, {1.0}), MOV_ERROR_ARGUMENT, "`w` has 1");
  REFUSED(line.value_at({0.0}), MOV_ERROR_STATE, "particles only");

  movimento::options box;
  box.set("flow", "wasserstein").set("domain", "box").set("dimension", 1).set("hidden", {4}).set("tau", 0.01);
  movimento::solver ramp(box);
  ramp.add(movimento::energy("entropy"));
  bool failing = false;
  ramp.set_initial_density([&](view<const double> at) {
    if (failing) throw mine{7};
    return 0.5 + at[0];
  });
  ramp.step();
  CHECK(ramp.value_at({0.0}) > 0.5 && ramp.value_at({1.0}) < 1.5);
  failing = true;
  CHECK(thrown_by([&] { ramp.value_at({0.5}); }) == 7);
  failing = false;
  CHECK(ramp.value_at({0.5}) > 0.9);
}

void series(const std::string &folder) {
  movimento::solver solver(tiny(1));
  int boom = 0;
  solver.add(movimento::energy(
      "decay",
      [&](double u) {
        if (boom == 1) throw mine{5};
        return 0.5 * u * u;
      },
      [](double u) { return u; }, MOV_CONVEX));
  solver.set_initial(wave);
  {
    movimento::writer writer(solver, folder);
    REFUSED(movimento::writer(solver, folder), MOV_ERROR_FILE, "another writer");
    writer.add(solver, "u").add(solver, "energy_density");
    REFUSED(writer.add(solver, "velocity"), MOV_ERROR_ARGUMENT, "`velocity`");
    writer.add("square", [&](view<const double>, double u) {
      if (boom == 2) throw mine{6};
      return u * u;
    });
    writer.add("two", 2, [](rows<const double> x, view<const double> u, rows<double> out) {
      for (std::size_t i = 0; i < u.size(); ++i) {
        out[i][0] = u[i];
        out[i][1] = x[i][0];
      }
    });
    writer.describe("square", "u squared", "1").describe("t", "time");
    writer.set_points({0.25, 0.5});
    movimento::writer moved = std::move(writer);
    CHECK(moved.write(solver) == 0 && moved.count() == 1);
    solver.step();
    for (boom = 1; boom < 3; ++boom) CHECK(thrown_by([&] { moved.write(solver); }) == 4 + boom);
    boom = 0;
    CHECK(moved.write(solver) == 1);
    moved.close();
    REFUSED(moved.write(solver), MOV_ERROR_STATE, "closed");
  }
  movimento::options empty;
  empty.set("snapshot_existing", "empty");
  REFUSED(movimento::writer(solver, folder, empty), MOV_ERROR_STATE, "snapshot_existing");
  movimento::pack_snapshots(folder, folder + "/packed.h5");
  movimento::index_snapshots(folder);
  movimento::index_snapshots(folder, folder + "/other.vtkhdf");
  CHECK(movimento::describe_index(folder).find("\"listed\":2") != std::string::npos);
  REFUSED(movimento::index_snapshots(folder + "/none"), MOV_ERROR_FILE, "none");
  REFUSED(movimento::describe_index(folder + "/none/none"), MOV_ERROR_FILE, "none");
  REFUSED(movimento::pack_snapshots(folder + "/none", folder + "/none.h5"), MOV_ERROR_FILE, "none");
}

// Ranks that are threads: each hands in its numbers and takes away what became of all of them.
class meeting {
 public:
  template <class Combine>
  void take_part(view<double> values, Combine combine) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (arrived_ == 0) together_.assign(values.begin(), values.end());
    else
      for (std::size_t i = 0; i < values.size(); ++i) together_[i] = combine(together_[i], values[i]);
    const int round = round_;
    if (++arrived_ == 2) {
      arrived_ = 0;
      ++round_;
      result_ = together_;
      all_here_.notify_all();
    }
    all_here_.wait(lock, [&] { return round_ != round; });
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = result_[i];
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::vector<double> together_, result_;
  int arrived_ = 0, round_ = 0;
};

// u = cos t + t cos(pi x)/2 of a density and a source that depend on time.
void in_time() {
  const auto exact = [](double t, double x) { return std::cos(t) + 0.5 * t * std::cos(pi * x); };
  movimento::options options;
  options.set("dimension", 1).set("movement", "second").set("tau", 0.05);
  options.set("hidden", {60}).set("training", "outputs").set("threads", 1);
  movimento::solver solver(options);
  solver.add(movimento::energy("dirichlet").set("kappa", 0.1));
  solver.add(movimento::energy(
      "decay",
      [](const movimento::batch &at) {
        for (std::size_t i = 0; i < at.n; ++i) {
          if (at.f) at.f[i] = 0.5 * (1.0 + at.t) * at.u[i] * at.u[i];
          if (at.f_u) at.f_u[i] = (1.0 + at.t) * at.u[i];
        }
      },
      MOV_CONVEX | MOV_USES_TIME));
  solver.add_source([&](double t, view<const double> x) {
    const double wave = 0.5 * std::cos(pi * x[0]);
    return -std::sin(t) + wave * (1.0 + 0.1 * pi * pi * t) + (1.0 + t) * exact(t, x[0]);
  });
  solver.set_initial([&](view<const double> x) { return exact(0.0, x[0]); });
  solver.step_to(0.2);
  CHECK(std::abs(solver.value_at({0.15}) - exact(0.2, 0.15)) < 5e-4);
  movimento::solver other(tiny(1));
  other.add_source([](double, rows<const double>, view<double>) { throw mine{11}; });
  other.set_initial(wave, wave_gradient);
  CHECK(thrown_by([&] { other.step(); }) == 11);
}

// (x - y)^2 / (4 (1 + t)): with diffusion the variance is 1 + t.
void pairs() {
  const auto springs = [](const movimento::pair_batch &at) {
    for (std::size_t i = 0; i < at.n; ++i) {
      const double k = 0.5 / (1.0 + at.t), way = at.x[i][0] - at.y[i][0];
      if (at.w) at.w[i] = 0.5 * k * way * way;
      if (at.w_x) at.w_x[i][0] = k * way;
    }
  };
  movimento::options options;
  options.set("dimension", 1).set("flow", "wasserstein").set("domain", "space").set("transport", "map");
  options.set("movement", "second").set("tau", 0.05);
  movimento::solver solver(options);
  solver.add(movimento::energy("entropy"));
  movimento::energy own = movimento::energy::of_pairs("springs", springs, MOV_USES_TIME);
  solver.add(own);
  REFUSED(movimento::energy::of_pairs("springs", springs, MOV_CONVEX), MOV_ERROR_ARGUMENT, "`flags` is 8");
  REFUSED(solver.add_source([](double, view<const double>) { return 0.0; }), MOV_ERROR_PLUGIN, "adds mass");
  solver.set_initial_gaussians({0.0}, {1.0});
  solver.step_to(0.2);
  CHECK(std::abs(solver.moments().covariance[0] - 1.2) < 5e-4);
}

void communicators() {
  const auto fails = [](view<double>) { throw mine{9}; };
  movimento::solver broken(tiny(1));
  CHECK(thrown_by([&] { broken.set_communicator(0, 2, fails, fails, fails); }) == 9);
  meeting m;
  std::array<double, 2> found{};
  std::vector<std::thread> ranks;
  for (int rank = 0; rank < 2; ++rank)
    ranks.emplace_back([rank, &m, &found] {
      movimento::solver solver(tiny(1));
      solver.set_communicator(
          rank, 2, [&](view<double> v) { m.take_part(v, [](double a, double b) { return a + b; }); },
          [&](view<double> v) { m.take_part(v, [](double a, double b) { return a > b ? a : b; }); },
          [&, rank](view<double> v) {
            // Of rank 0, whoever comes first.
            if (rank != 0)
              for (double &value : v) value = 0.0;
            m.take_part(v, [](double a, double b) { return a + b; });
          });
      solver.add(decay(1.0));
      solver.set_initial(wave, wave_gradient);
      solver.step();
      found[static_cast<std::size_t>(rank)] = solver.value_at({0.3});
    });
  for (std::thread &rank : ranks) rank.join();
  CHECK(found[0] == found[1] && std::abs(found[0] - wave({0.3}) / 1.01) < 0.05);
}

void coupling() {
  movimento::options options(tiny(1));
  options.set("hidden", 12).set("training", "outputs").set("tau", 0.05).set("movement", "second");
  movimento::solver solver(options);
  solver.add(decay(1.0));
  REFUSED(solver.save_state(), MOV_ERROR_STATE, "initial condition");
  solver.set_initial(wave);
  solver.set_time(2.0);
  solver.step();
  std::vector<double> x(80);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) / 79.0;
  const std::vector<double> u = solver.evaluate(x);
  std::vector<double> other(u);
  for (double &v : other) v *= 2.0;
  const auto is = [&](const movimento::solver &it, double factor) {
    return std::abs(it.value_at({0.3}) - factor * std::exp(-0.05) * wave({0.3})) < 5e-3;
  };
  solver.set_state(x, other);
  CHECK(is(solver, 2.0));
  solver.add_increment(x, u);
  CHECK(is(solver, 3.0));
  solver.set_state([](view<const double>, double now) { return now / 3.0; });
  solver.add_increment([](rows<const double>, view<const double> now, view<double> values) {
    for (std::size_t i = 0; i < now.size(); ++i) values[i] = now[i];
  });
  CHECK(is(solver, 2.0) && solver.report("hand_over_count") == 4.0 && std::abs(solver.time() - 2.05) < 1e-12);
  CHECK(thrown_by([&] { solver.set_state([](view<const double>, double) -> double { throw mine{5}; }); }) == 5);
  REFUSED(solver.set_state(x, view<const double>(u.data(), 3)), MOV_ERROR_ARGUMENT, "`x` has 80");

  const movimento::saved_state state = solver.save_state();
  solver.step_by(0.02);
  const double then = solver.value_at({0.7});
  solver.restore_state(state);
  movimento::solver copy = solver.clone();
  solver.step_by(0.02);
  copy.step_by(0.02);
  CHECK(solver.value_at({0.7}) == then && copy.value_at({0.7}) == then && solver.tau() == 0.05);
  copy.restore_state(state);
  copy.set_parameters(solver.parameters());
  CHECK(copy.value_at({0.7}) == then);
  movimento::solver stranger(options);
  REFUSED(stranger.restore_state(state), MOV_ERROR_ARGUMENT, "another solver");

  std::array<double, 2> values{}, laplacian{}, rate{};
  const std::array<double, 2> points{0.25, 0.5};
  movimento::wanted all;
  all.u = values;
  all.laplacian = laplacian;
  all.rate = rate;
  solver.evaluate_all(points, all);
  CHECK(std::abs(rate[0] + values[0]) < 1e-9 && laplacian[0] != 0.0);
  all.grad = view<double>(values.data(), 1);
  REFUSED(solver.evaluate_all(points, all), MOV_ERROR_ARGUMENT, "`grad` has 1");
  const double between = solver.evaluate_between(solver.time() - 0.01, points)[0];
  CHECK(std::abs(between - values[0] * std::exp(0.01)) < 1e-3);

  movimento::until until;
  until.time = solver.time() + 0.08;
  CHECK(solver.run(until) == movimento::ended::time);
  until = {};
  until.event = [](double, double, view<const double> now) { return 0.5 * (now[0] + now[1]) - 0.5; };
  until.points = {0.0, 1.0};
  CHECK(solver.run(until) == movimento::ended::event);
  until.event = [](double, double, view<const double>) -> double { throw mine{6}; };
  CHECK(thrown_by([&] { solver.run(until); }) == 6);
  until = {};
  until.seconds = 1e-9;
  CHECK(solver.run(until) == movimento::ended::seconds);
  until = {};
  REFUSED(solver.run(until), MOV_ERROR_ARGUMENT, "nothing is given");
  until.rest = 1e-3;
  solver.set_tau(1.0);
  CHECK(solver.run(until) == movimento::ended::rest);
}

/// u_t = u_xx/10 - 5 (u - v), v_t = v_xx/50 - 5 (v - u) by a wave, against its matrix exponential.
void systems() {
  movimento::options options;
  options.set("dimension", 1).set("components", 2).set("tau", 0.02).set("movement", "second");
  options.set("hidden", {60}).set("training", "outputs").set("threads", 1);
  const auto coupled = [](const movimento::system_batch &at) {
    CHECK(at.c == 2 && at.d == 1 && at.x.size() == at.n && at.t == 0.0);
    constexpr double kappa[] = {0.1, 0.02};
    for (std::size_t i = 0; i < at.n; ++i) {
      const double apart = 5.0 * (at.u[i][0] - at.u[i][1]);
      if (at.f) {
        at.f[i] = 0.1 * apart * apart;
        for (std::size_t k = 0; k < 2; ++k) at.f[i] += 0.5 * kappa[k] * at.p[i][k] * at.p[i][k];
      }
      if (at.f_u) at.f_u[i][0] = apart, at.f_u[i][1] = -apart;
      if (at.f_p)
        for (std::size_t k = 0; k < 2; ++k) at.f_p[i][k] = kappa[k] * at.p[i][k];
    }
  };
  movimento::solver solver(options);
  CHECK(solver.components() == 2);
  solver.add(movimento::energy::of_system("coupled", 2, coupled, MOV_USES_GRADIENT));
  solver.set_initial([](view<const double> x, view<double> u) {
    u[0] = std::cos(pi * x[0]);
    u[1] = 0.0;
  });
  REFUSED(solver.value_at({0.0}), MOV_ERROR_ARGUMENT, "`u` has 1 entries; accepted is 2");
  solver.step_to(0.2);
  const std::vector<double> u = solver.evaluate({0.0, 0.25});
  CHECK(u.size() == 4);
  // Heights of the wave by the eigenvalues of [a, -5; -5, b].
  const double a = 0.1 * pi * pi + 5.0, b = 0.02 * pi * pi + 5.0;
  const double mean = 0.5 * (a + b), half = 0.5 * (a - b), root = std::hypot(half, 5.0);
  const double decay = std::exp(-0.2 * mean), cosh = std::cosh(0.2 * root), sinh = std::sinh(0.2 * root) / root;
  const double heights[] = {decay * (cosh - half * sinh), decay * 5.0 * sinh};
  for (std::size_t i = 0; i < 4; ++i) {
    const double wave = i < 2 ? 1.0 : std::sqrt(0.5);
    CHECK(std::abs(u[i] - heights[i % 2] * wave) < 2e-4);
  }
  std::array<double, 2> values{}, grad{};
  solver.evaluate({0.5}, values, grad);
  CHECK(std::abs(grad[0] + pi * heights[0]) < 2e-3);
  solver.set_state([](rows<const double>, view<const double> now, view<double> next) {
    for (std::size_t i = 0; i < now.size(); i += 2) next[i] = now[i + 1], next[i + 1] = now[i];
  });
  const std::vector<double> swapped = solver.evaluate({0.25});
  CHECK(std::abs(swapped[0] - u[3]) < 1e-6 && std::abs(swapped[1] - u[2]) < 1e-6);
  REFUSED(solver.set_state(view<const double>(values), view<const double>(values)), MOV_ERROR_ARGUMENT, "`x` has 2");
  movimento::solver scalar(movimento::options{});
  REFUSED(scalar.add(movimento::energy::of_system("coupled", 2, coupled)), MOV_ERROR_PLUGIN, "of 2 components");
  REFUSED(movimento::energy::of_system("coupled", 17, coupled), MOV_ERROR_ARGUMENT, "`components` is 17");
}

/// A supported beam, u_t = -u_xxxx with u = u_xx = 0 at its ends, by its lowest mode.
void beam() {
  movimento::options options;
  options.set("dimension", 1).set("tau", 2e-3).set("movement", "third");
  options.set("hidden", {60}).set("training", "outputs").set("threads", 1);
  const auto bent = [](const movimento::hessian_batch &at) {
    CHECK(at.d == 1 && at.h.size() == at.n && !at.p && at.t == 0.0);
    for (std::size_t i = 0; i < at.n; ++i) {
      if (at.f) at.f[i] = 0.5 * at.h[i][0] * at.h[i][0];
      if (at.f_u) at.f_u[i] = 0.0;
      if (at.f_h) at.f_h[i][0] = at.h[i][0];
    }
  };
  movimento::solver solver(options);
  solver.add(movimento::energy::with_hessian("beam", bent, MOV_CONVEX));
  solver.set_dirichlet(-1, 0.0);
  solver.set_initial([](view<const double> x) { return std::sin(pi * x[0]); });
  solver.step_to(0.01);
  const double height = std::exp(-0.01 * pi * pi * pi * pi);
  CHECK(std::abs(solver.value_at({0.5}) - height) < 1e-4);
  CHECK(std::abs(solver.energy() - 0.25 * pi * pi * pi * pi * height * height) < 1e-3);
  REFUSED(movimento::energy::with_hessian("beam", bent, 64), MOV_ERROR_ARGUMENT, "`flags` is 64");
  movimento::solver whole(movimento::options{}.set("training", "all"));
  REFUSED(whole.add(movimento::energy::with_hessian("beam", bent)), MOV_ERROR_STATE, "`training` is all");
}

}  // namespace

int main(int argc, char **argv) {
  CHECK(argc == 2 || argc == 3);
  static_assert(!std::is_copy_constructible_v<movimento::solver>);
  static_assert(!std::is_copy_constructible_v<movimento::options>);
  static_assert(!std::is_copy_constructible_v<movimento::energy>);
  static_assert(!std::is_copy_constructible_v<movimento::writer>);
  static_assert(std::is_nothrow_move_constructible_v<movimento::solver>);
  options();
  heat(argv[1]);
  series(std::string(argv[1]) + "/series");
  initial_conditions();
  exceptions();
  in_time();
  pairs();
  communicators();
  coupling();
  systems();
  beam();
  if (argc == 3) return 0;  // for slow observers
  domains();
  sides();
  held();
  transport();
  return 0;
}
