/* The tables of the plugin in system.f90: what it is called, what it takes, which functions it has. */
#include <math.h>
#include <string.h>

#include "movimento_plugin.h"

/* In system.f90. */
int32_t two_fields_evaluate(const void *instance, const movimento_system_batch *batch,
                             char *message, uint64_t message_size);
int32_t two_fields_create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                           uint64_t argument_count, void **instance, char *message,
                           uint64_t message_size);
void two_fields_destroy(void *instance);

static const movimento_parameter parameters[] = {
    {"kappa_u", "diffusivity of u, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY},
    {"kappa_v", "diffusivity of v, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY},
    {"g", "coupling, not negative", MOVIMENTO_REAL, 0, 1.0, 0.0, INFINITY}};
static const char *const extensions[] = {MOVIMENTO_SYSTEM_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "two-fields-fortran", "Two coupled fields", "1.0.0",
    "kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2", "",
    MOVIMENTO_USES_GRADIENT | MOVIMENTO_CONVEX, 3, sizeof parameters[0], parameters, extensions};
static const movimento_system_table table = {sizeof table, 2, two_fields_evaluate};

static uint32_t descriptor_count(void) { return 1; }
static const movimento_descriptor *descriptor(uint32_t i) { return i == 0 ? &energy : NULL; }
static const void *get_extension(uint32_t i, const char *id) {
  return i == 0 && !strcmp(id, MOVIMENTO_SYSTEM_1) ? &table : NULL;
}

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR, MOVIMENTO_PLUGIN_ABI_MINOR, sizeof movimento_plugin,
    descriptor_count, descriptor, two_fields_create, two_fields_destroy, get_extension};
