/* Prints what the library knows of an energy or a plugin, or why it knows nothing. */
#include <stdio.h>
#include <stdlib.h>

#include <movimento.h>

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : NULL;
  uint64_t needed = 0;
  int32_t status = mov_plugin_describe(what, NULL, 0, &needed);
  if (status != MOV_OK) {
    puts(mov_last_error());
    return 1;
  }
  char *text = malloc(needed);
  status = mov_plugin_describe(what, text, needed, NULL);
  puts(text);
  free(text);
  return status != MOV_OK;
}
