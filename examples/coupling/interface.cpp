// Heat in two bodies that touch, one by a finite element code and one by movimento:
//
//     u_t = kappa Laplacian u on (0, 2) x (0, 1),  du/dn = 0,
//
// of which movimento has (0, 1) x (0, 1) and GetFEM (1, 2) x (0, 1). In each window of time the temperature of
// the interface goes from GetFEM to movimento, a Dirichlet condition that depends on time, and the flux there
// from movimento to GetFEM; the window is taken again from the saved state until the two agree (the relaxed
// Dirichlet-Neumann method). Both are of second order in time. Prints how far each is from the closed form, how much
// heat was lost, and how often a window was taken.
//
//     c++ -std=c++17 interface.cpp $(pkg-config --cflags --libs movimento) -lgetfem -lblas -o interface
//
// with Debian's libgetfem-dev.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <vector>

#include <getfem/getfem_generic_assembly.h>
#include <getfem/getfem_model_solvers.h>
#include <getfem/getfem_models.h>
#include <getfem/getfem_regular_meshes.h>
#include <movimento.hpp>

namespace {

const double pi = 3.14159265358979323846;
const double kappa = 0.2, tau = 0.02, end = 0.2;
const std::size_t touching = 7;  // the region of the mesh that is the interface

double exact(double t, double x, double y) {
  return 1.0 + std::exp(-1.25 * kappa * pi * pi * t) * std::cos(0.5 * pi * x) * std::cos(pi * y) +
         0.5 * std::exp(-kappa * pi * pi * t) * std::cos(pi * x);
}

// Values on the interface at the ordinates y of quadratic elements, the ends and middles of their sides.
struct trace {
  std::vector<double> y, u;

  double at(double where) const {
    const std::size_t sides = (y.size() - 1) / 2;
    const double h = y[2] - y[0];
    const std::size_t i = 2 * std::min<std::size_t>(sides - 1, std::size_t(std::max(0.0, (where - y[0]) / h)));
    const double s = (where - y[i]) / h;
    return (1 - s) * (1 - 2 * s) * u[i] + 4 * s * (1 - s) * u[i + 1] + s * (2 * s - 1) * u[i + 2];
  }
};

// The body on the right, by quadratic elements and the trapezoidal rule.
class elements {
 public:
  explicit elements(int m) {
    getfem::regular_unit_mesh(mesh_, {std::size_t(m), std::size_t(m)}, bgeot::parallelepiped_geotrans(2, 1));
    mesh_.translation(bgeot::base_small_vector(1.0, 0.0));
    space_.set_finite_element(getfem::fem_descriptor("FEM_QK(2,2)"));
    integration_.set_integration_method(getfem::int_method_descriptor("IM_GAUSS_PARALLELEPIPED(2,6)"));
    getfem::mesh_region faces;
    getfem::outer_faces_of_mesh(mesh_, faces);
    for (getfem::mr_visitor face(faces); !face.finished(); ++face)
      if (mesh_.normal_of_face_of_convex(face.cv(), face.f())[0] < -0.5)
        mesh_.region(touching).add(face.cv(), face.f());
    for (std::size_t i = 0; i < space_.nb_dof(); ++i) {
      const bgeot::base_node at = space_.point_of_basic_dof(i);
      u_.push_back(exact(0.0, at[0], at[1]));
      if (at[0] < 1.0 + 1e-9) on_interface_[at[1]] = i;
    }
    flux_ = std::vector<double>(u_.size());
    model_.add_fem_variable("u", space_);
    model_.add_fem_data("before", space_);
    model_.add_fem_data("flux", space_);
    model_.add_initialized_scalar_data("tau", tau);
    model_.add_initialized_scalar_data("kappa", kappa);
    getfem::add_linear_term(model_, integration_, "u * Test_u / tau + kappa / 2 * Grad_u . Grad_Test_u");
    getfem::add_source_term(model_, integration_, "before * Test_u / tau - kappa / 2 * Grad_before . Grad_Test_u");
    getfem::add_source_term(model_, integration_, "flux * Test_u", touching);
  }

  // A step from `u_`, whose result is kept apart until `accept`; `flux` is what comes in through the interface, a mean
  // over the step.
  trace step(const std::vector<double> &flux) {
    std::size_t k = 0;
    for (const auto &[y, i] : on_interface_) flux_[i] = flux[k++];
    gmm::copy(u_, model_.set_real_variable("before"));
    gmm::copy(flux_, model_.set_real_variable("flux"));
    gmm::iteration iteration(1e-12, 0, 2);
    getfem::standard_solve(model_, iteration);
    gmm::resize(after_, u_.size());
    gmm::copy(model_.real_variable("u"), after_);
    return traced(after_);
  }
  void accept() { u_ = after_; }

  trace now() const { return traced(u_); }

  double heat() const { return integral("u"); }
  double distance(double t) const {
    std::vector<double> error(u_);
    for (std::size_t i = 0; i < error.size(); ++i) {
      const bgeot::base_node at = space_.point_of_basic_dof(i);
      error[i] -= exact(t, at[0], at[1]);
    }
    return std::sqrt(integral("u * u", error));
  }

 private:
  trace traced(const std::vector<double> &u) const {
    trace all;
    for (const auto &[y, i] : on_interface_) {
      all.y.push_back(y);
      all.u.push_back(u[i]);
    }
    return all;
  }
  double integral(const char *expression) const { return integral(expression, u_); }
  double integral(const char *expression, const std::vector<double> &u) const {
    getfem::ga_workspace workspace;
    workspace.add_fem_constant("u", space_, u);
    workspace.add_expression(expression, integration_);
    workspace.assembly(0);
    return workspace.assembled_potential();
  }

  getfem::mesh mesh_;
  getfem::mesh_fem space_{mesh_};
  getfem::mesh_im integration_{mesh_};
  getfem::model model_;
  std::map<double, std::size_t> on_interface_;
  std::vector<double> u_, after_, flux_;
};

// What movimento is given on the interface: between two traces linearly in time.
struct given {
  double begin;
  trace before, after;

  double at(double t, double y) const {
    const double s = (t - begin) / tau;
    return (1 - s) * before.at(y) + s * after.at(y);
  }
};

// The flux into the right body at ordinates y of the interface, -kappa u_x.
std::vector<double> flux(const movimento::solver &left, const std::vector<double> &y) {
  std::vector<double> x, u(y.size()), grad(2 * y.size()), out;
  for (const double at : y) x.insert(x.end(), {1.0, at});
  left.evaluate(x, u, grad);
  for (std::size_t i = 0; i < y.size(); ++i) out.push_back(-kappa * grad[2 * i]);
  return out;
}

// The heat of the left body and its distance from the closed form, by midpoints.
std::pair<double, double> looked_at(const movimento::solver &left, double t) {
  const int n = 200;
  std::vector<double> x;
  for (int i = 0; i < n * n; ++i) x.insert(x.end(), {(i / n + 0.5) / n, (i % n + 0.5) / n});
  const std::vector<double> u = left.evaluate(x);
  double heat = 0.0, square = 0.0;
  for (int i = 0; i < n * n; ++i) {
    heat += u[i] / (n * n);
    square += std::pow(u[i] - exact(t, x[2 * i], x[2 * i + 1]), 2) / (n * n);
  }
  return {heat, std::sqrt(square)};
}

}  // namespace

int main() try {
  gmm::set_traces_level(0);
  gmm::set_warning_level(0);
  elements right(12);
  given interface{0.0, right.now(), right.now()};

  movimento::options options;
  options.set("dimension", 2).set("tau", tau).set("movement", "second");
  movimento::solver left(options);
  left.add(movimento::energy("dirichlet").set("kappa", kappa));
  left.set_dirichlet(1, [&](double t, movimento::view<const double> x) { return interface.at(t, x[1]); });
  left.set_initial([](movimento::view<const double> x) { return exact(0.0, x[0], x[1]); });

  const double heat = looked_at(left, 0.0).first + right.heat();
  int windows = 0, taken = 0;
  for (; left.time() < end - 0.5 * tau; ++windows) {
    const movimento::saved_state begin = left.save_state();
    interface.begin = left.time();
    interface.before = right.now();
    const std::vector<double> first = flux(left, interface.before.y);
    for (double change = 1.0; change > 1e-6; ++taken) {
      if (taken > 20 * (windows + 1)) throw std::runtime_error("the two bodies do not agree");
      left.restore_state(begin);
      left.step();
      std::vector<double> mean = flux(left, interface.before.y);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = 0.5 * (mean[i] + first[i]);
      const trace found = right.step(mean);
      change = 0.0;
      for (std::size_t i = 0; i < found.u.size(); ++i) {
        const double by = 0.5 * (found.u[i] - interface.after.u[i]);
        interface.after.u[i] += by;
        change = std::max(change, std::abs(by));
      }
    }
    right.accept();
  }
  const auto [left_heat, left_distance] = looked_at(left, left.time());
  std::printf("distance %.2e by movimento, %.2e by GetFEM\n", left_distance, right.distance(left.time()));
  std::printf("lost     %.2e of the heat\n", std::abs(left_heat + right.heat() - heat) / heat);
  std::printf("taken    %.1f times each of %d windows\n", double(taken) / windows, windows);
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
