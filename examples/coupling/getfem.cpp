// A finite element code and movimento on one mesh: the Allen-Cahn equation
//
//     u_t = kappa Laplacian u - (u^3 - u) / eps^2,  du/dn = 0,
//
// in a quarter of a ring. GetFEM makes the mesh and steps by itself: quadratic elements and the implicit
// Euler method, its own Newton iterations in each step. Movimento takes GetFEM's quadrature nodes and
// boundary normals, starts from GetFEM's initial field, descends the energy of the same equation by
// steps of the same length, and gives its solution back into GetFEM's space. There the two are compared:
// their relative distance in L2 against the bound that the errors of both have, and their energies.
//
//     c++ -std=c++17 getfem.cpp $(pkg-config --cflags --libs movimento) -lgetfem -lblas -o getfem
//
// with Debian's libgetfem-dev.
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include <getfem/getfem_assembling.h>
#include <getfem/getfem_generic_assembly.h>
#include <getfem/getfem_models.h>
#include <getfem/getfem_model_solvers.h>
#include <movimento.hpp>

namespace {

const double pi = 3.14159265358979323846;
const double kappa = 0.05, eps = 0.5, tau = 0.01, end = 0.1;

// u_0, whose normal derivative vanishes on the whole boundary.
double initial(const bgeot::base_node &x) {
  const double r = std::hypot(x[0], x[1]), angle = std::atan2(x[1], x[0]);
  return 0.2 + 0.5 * std::cos(2.0 * pi * (r - 0.5)) * std::cos(2.0 * angle);
}

// m by 2 m quadrilaterals with curved sides, 1/2 < r < 1 in the first quadrant.
getfem::mesh ring(int m) {
  getfem::mesh mesh;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < 2 * m; ++j) {
      std::vector<bgeot::base_node> nodes;
      for (int b = 0; b < 3; ++b)
        for (int a = 0; a < 3; ++a) {
          const double r = 0.5 + 0.5 * (i + 0.5 * a) / m, angle = 0.5 * pi * (j + 0.5 * b) / (2 * m);
          nodes.push_back(bgeot::base_node(r * std::cos(angle), r * std::sin(angle)));
        }
      mesh.add_convex_by_points(bgeot::geometric_trans_descriptor("GT_QK(2,2)"), nodes.begin());
    }
  return mesh;
}

// What the finite element code has of a mesh: its space, and integration of some degree.
struct discretisation {
  getfem::mesh mesh;
  getfem::mesh_fem space{mesh};
  getfem::mesh_im integration{mesh}, finer{mesh};

  explicit discretisation(int m) : mesh(ring(m)) {
    space.set_finite_element(getfem::fem_descriptor("FEM_QK(2,2)"));
    integration.set_integration_method(getfem::int_method_descriptor("IM_GAUSS_PARALLELEPIPED(2,6)"));
    finer.set_integration_method(getfem::int_method_descriptor("IM_GAUSS_PARALLELEPIPED(2,9)"));
  }

  std::vector<double> interpolated() const {
    std::vector<double> u(space.nb_dof());
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = initial(space.point_of_basic_dof(i));
    return u;
  }
};

// The solution at t = end, by the finite element code alone.
std::vector<double> by_finite_elements(const discretisation &d) {
  getfem::model model;
  model.add_fem_variable("u", d.space);
  model.add_fem_data("previous", d.space);
  model.add_initialized_scalar_data("tau", tau);
  model.add_initialized_scalar_data("kappa", kappa);
  model.add_initialized_scalar_data("well", 1.0 / (eps * eps));
  getfem::add_nonlinear_term(model, d.integration,
                             "((u - previous) / tau + well * (u * u * u - u)) * Test_u"
                             " + kappa * Grad_u . Grad_Test_u");
  gmm::copy(d.interpolated(), model.set_real_variable("u"));
  for (int step = 0; step < std::lround(end / tau); ++step) {
    gmm::copy(model.real_variable("u"), model.set_real_variable("previous"));
    gmm::iteration newton(1e-12, 0, 20);
    getfem::standard_solve(model, newton);
    if (!newton.converged()) throw std::runtime_error("GetFEM: Newton's method did not converge");
  }
  return std::vector<double>(model.real_variable("u").begin(), model.real_variable("u").end());
}

// Points [n][2] with weights, and normals if they are of the boundary, in the arrays that movimento takes.
struct nodes {
  std::vector<double> x, w, normal;

  void add(const bgeot::base_node &at, double weight) {
    x.insert(x.end(), at.begin(), at.end());
    w.push_back(weight);
  }
};

nodes inside(const getfem::mesh &mesh, const getfem::mesh_im &integration) {
  nodes all;
  for (dal::bv_visitor cell(mesh.convex_index()); !cell.finished(); ++cell) {
    const auto &rule = *integration.int_method_of_element(cell)->approx_method();
    bgeot::base_matrix corners;
    bgeot::vectors_to_base_matrix(corners, mesh.points_of_convex(cell));
    for (std::size_t i = 0; i < rule.nb_points_on_convex(); ++i) {
      const bgeot::geotrans_interpolation_context at(mesh.trans_of_convex(cell), rule.point(i), corners);
      all.add(at.xreal(), rule.coeff(i) * at.J());
    }
  }
  return all;
}

nodes boundary(const getfem::mesh &mesh, const getfem::mesh_im &integration) {
  nodes all;
  getfem::mesh_region faces;
  getfem::outer_faces_of_mesh(mesh, faces);
  for (getfem::mr_visitor face(faces); !face.finished(); ++face) {
    const auto &rule = *integration.int_method_of_element(face.cv())->approx_method();
    bgeot::base_matrix corners;
    bgeot::vectors_to_base_matrix(corners, mesh.points_of_convex(face.cv()));
    for (std::size_t i = 0; i < rule.nb_points_on_face(face.f()); ++i) {
      const bgeot::geotrans_interpolation_context at(mesh.trans_of_convex(face.cv()),
                                                     rule.point_on_face(face.f(), i), corners);
      const bgeot::base_small_vector normal = bgeot::compute_normal(at, face.f());
      const double length = gmm::vect_norm2(normal);
      all.add(at.xreal(), rule.coeff_on_face(face.f(), i) * at.J() * length);
      for (const double component : normal) all.normal.push_back(component / length);
    }
  }
  return all;
}

movimento::solver on_the_mesh(const discretisation &d) {
  movimento::options options;
  options.set("dimension", 2).set("lower", 0).set("upper", 1).set("tau", tau).set("hidden", {16, 16});
  movimento::solver solver(options);
  solver.add(movimento::energy("dirichlet").set("kappa", kappa));
  solver.add(movimento::energy("double-well").set("eps", eps));
  const nodes trained = inside(d.mesh, d.integration), checked = inside(d.mesh, d.finer);
  const nodes edge = boundary(d.mesh, d.integration);
  solver.set_nodes(trained.x, trained.w, checked.x, checked.w);
  solver.set_boundary(edge.x, edge.normal, edge.w);
  // The initial field of the finite element code, at its own quadrature nodes.
  std::vector<double> u(trained.w.size());
  for (std::size_t i = 0; i < u.size(); ++i)
    u[i] = initial(bgeot::base_node(trained.x[2 * i], trained.x[2 * i + 1]));
  solver.set_initial(trained.x, u);
  return solver;
}

// The solution of movimento in the finite element space.
std::vector<double> taken_back(const movimento::solver &solver, const discretisation &d) {
  std::vector<double> x;
  for (std::size_t i = 0; i < d.space.nb_dof(); ++i) {
    const bgeot::base_node at = d.space.point_of_basic_dof(i);
    x.insert(x.end(), at.begin(), at.end());
  }
  return solver.evaluate(x);
}

double relative_distance(const discretisation &d, std::vector<double> u, const std::vector<double> &v) {
  const double norm = getfem::asm_L2_norm(d.integration, d.space, v);
  gmm::add(gmm::scaled(v, -1.0), u);
  return getfem::asm_L2_norm(d.integration, d.space, u) / norm;
}

// The energy of a field in the finite element space, by the assembly of the finite element code.
double energy(const discretisation &d, const std::vector<double> &u) {
  getfem::ga_workspace workspace;
  const std::vector<double> k(1, kappa), well(1, 1.0 / (eps * eps));
  workspace.add_fem_constant("u", d.space, u);
  workspace.add_fixed_size_constant("kappa", k);
  workspace.add_fixed_size_constant("well", well);
  workspace.add_expression("kappa / 2 * Grad_u . Grad_u + well / 4 * sqr(u * u - 1)", d.integration);
  workspace.assembly(0);
  return workspace.assembled_potential();
}

}  // namespace

int main() try {
  gmm::set_traces_level(0);
  gmm::set_warning_level(0);
  const discretisation coarse(6), fine(12);
  const std::vector<double> u_coarse = by_finite_elements(coarse), u = by_finite_elements(fine);
  // No more than this are the finite elements themselves off: from the coarse mesh to the fine one.
  std::vector<double> prolonged(fine.space.nb_dof());
  getfem::interpolation(coarse.space, fine.space, u_coarse, prolonged, 2);
  const double elements = relative_distance(fine, prolonged, u);

  movimento::solver solver = on_the_mesh(fine);
  const double norm_0 = getfem::asm_L2_norm(fine.integration, fine.space, fine.interpolated());
  const double norm = getfem::asm_L2_norm(fine.integration, fine.space, u);
  // And movimento: by its fit, and in each step by what is left of the equation, times tau; the flow
  // carries an error on, and lets it grow by no more than exp(t / eps^2).
  double off = solver.report("fit_relative_error") * norm_0;
  while (solver.time() < end - 0.5 * tau) {
    solver.step();
    off += tau * solver.report("residual");
  }
  off *= std::exp(end / (eps * eps)) / norm;

  const std::vector<double> v = taken_back(solver, fine);
  std::printf("distance %.3e\n", relative_distance(fine, v, u));
  std::printf("bound    %.3e = %.3e of the elements + %.3e of movimento\n", elements + off, elements, off);
  std::printf("energy   %.7f, by GetFEM %.7f, of its own field %.7f\n", solver.energy(), energy(fine, v),
              energy(fine, u));
  std::printf("flux     %.3e\n", solver.report("boundary_flux"));
} catch (const std::exception &e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
