/* The tables of the plugin in plugin.f90: what it is called, what it takes, which functions it has. */
#include <math.h>
#include <string.h>

#include "movimento_plugin.h"

/* In plugin.f90. */
int32_t sine_gordon_evaluate(const void *instance, const movimento_local_batch *batch,
                             char *message, uint64_t message_size);
int32_t sine_gordon_create(uint32_t index, uint32_t dimension, const movimento_argument *arguments,
                           uint64_t argument_count, void **instance, char *message,
                           uint64_t message_size);
void sine_gordon_destroy(void *instance);

static const movimento_parameter parameters[] = {
    {"kappa", "stiffness, > 0", MOVIMENTO_REAL, 0, 1.0, 1e-300, INFINITY}};
static const char *const extensions[] = {MOVIMENTO_LOCAL_1, NULL};
static const movimento_descriptor energy = {
    sizeof energy, "sine-gordon-fortran", "Sine-Gordon energy", "1.0.0",
    "kappa/2 |p|^2 + 1 - cos u", "", MOVIMENTO_USES_GRADIENT, 1, sizeof parameters[0], parameters,
    extensions};
static const movimento_local_table table = {sizeof table, sine_gordon_evaluate};

static uint32_t descriptor_count(void) { return 1; }
static const movimento_descriptor *descriptor(uint32_t i) { return i == 0 ? &energy : NULL; }
static const void *get_extension(uint32_t i, const char *id) {
  return i == 0 && !strcmp(id, MOVIMENTO_LOCAL_1) ? &table : NULL;
}

MOVIMENTO_EXPORT extern const movimento_plugin_entry movimento_plugin;
const movimento_plugin_entry movimento_plugin = {
    MOVIMENTO_PLUGIN_ABI_MAJOR, MOVIMENTO_PLUGIN_ABI_MINOR, sizeof movimento_plugin,
    descriptor_count, descriptor, sine_gordon_create, sine_gordon_destroy, get_extension};
