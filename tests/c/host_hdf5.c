/* A host with its own libhdf5, of another version than the one inside the library, and a file of its own
 * open: each writes with its own, and neither sees the other's files, errors or settings. */
#include <hdf5.h>
#include <string.h>

#include "host.h"

static double dataset(hid_t file, const char *name) {
  double value = 0.0;
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  CHECK(set >= 0);
  CHECK(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
  CHECK(H5Dclose(set) >= 0);
  return value;
}

static void write_dataset(hid_t file, const char *name, double value) {
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t set = H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(set >= 0);
  CHECK(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
  CHECK(H5Dclose(set) >= 0 && H5Sclose(space) >= 0);
}

static int errors = 0;
static herr_t count(hid_t stack, void *data) {
  (void)stack, (void)data;
  errors++;
  return 0;
}

int main(int argc, char **argv) {
  char name[4096];
  CHECK(argc == 2);
  snprintf(name, sizeof name, "%s/host.h5", argv[1]);
  CHECK(H5open() >= 0 && H5Eset_auto2(H5E_DEFAULT, count, NULL) >= 0);
  hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CHECK(file >= 0);
  write_dataset(file, "before", 1.0);
  mov_solver *solver = host_solver(2);
  const double u = host_step(solver);
  uint64_t number = 7;
  OK(mov_solver_write_snapshot(solver, argv[1], &number));
  CHECK(number == 0 && mov_solver_write_snapshot(solver, "/dev/null/folder", NULL) == MOV_ERROR_FILE);
  write_dataset(file, "after", u);
  CHECK(errors == 0 && H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_FILE) == 1);
  CHECK(dataset(file, "before") == 1.0 && dataset(file, "after") == u);
  /* The snapshot, read by the host's library. */
  snprintf(name, sizeof name, "%s/snap_000000.h5", argv[1]);
  hid_t snapshot = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
  CHECK(snapshot >= 0 && H5Lexists(snapshot, "u", H5P_DEFAULT) > 0 && H5Fclose(snapshot) >= 0);
  CHECK(H5Dopen2(file, "nothing", H5P_DEFAULT) < 0 && errors == 1);
  OK(mov_solver_write_snapshot(solver, argv[1], &number));
  CHECK(number == 1 && H5Fclose(file) >= 0);
  CHECK(H5close() >= 0);
  OK(mov_solver_write_snapshot(solver, argv[1], &number));
  CHECK(number == 2);
  mov_solver_free(solver);
  return 0;
}
