/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a VG and an LV on an image file by a plan, and lists what there is: list DISK.img */
#include <ashlar.h>
#include <stdio.h>

/* Tells how a step went. */
static void step(const char *what, int status, const char *answer) {
  printf("%s: %s\n", what, status == 0 ? "done" : answer != NULL ? answer : "no memory");
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const char *disk = argv[1];
  const char *make[] = {"vgcreate", "vg0", disk, "--devices", disk, NULL};
  const char *create[] = {"lvcreate", "-n", "data", "-L", "20M", "vg0", "--devices", disk, NULL};
  const char *options[] = {"--devices", disk, NULL};
  char *plan = NULL, *answer = NULL;

  int status = ashlar_run(make, &answer);
  step("vgcreate", status, answer);
  ashlar_free(answer);
  if (status != 0) return status;

  status = ashlar_plan(create, &plan);
  step("plan of lvcreate", status, plan);
  if (status == 0) {
    status = ashlar_apply(plan, NULL, &answer);
    step("apply", status, answer);
    ashlar_free(answer);
  }
  ashlar_free(plan);
  if (status != 0) return status;

  status = ashlar_list(options, &answer);
  if (answer != NULL) puts(answer);
  ashlar_free(answer);
  return status;
}
