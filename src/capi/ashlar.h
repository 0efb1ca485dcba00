/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libashlar for C and every language that can call C: words in, JSON out.
 *
 * A request is a command line, one word an element, NULL behind the last one: {"lvs", "vg0", NULL}. The functions
 * return that command's exit status (0: done; 2 and 3: no such command, the words are wrong; 5: it failed) and, if
 * `answer` is not NULL, puts a JSON document there (docs/json.md, docs/plan.md), also where it failed: then with the
 * list "errors". The caller gives it back with ashlar_free(). Without memory for an answer *answer is NULL and the
 * status is 5.
 *
 * Nothing is kept between calls, nothing is printed, nobody is asked: a question is answered no unless the words have
 * -y. Any thread may call at any time; calls within one process take turns where libdevmapper has only one state.
 */
#ifndef ASHLAR_H
#define ASHLAR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0". The interface is that of ashlar.h with the same first number, or with 0 in front the first two. */
const char* ashlar_version(void);

/*
 * VGs with their PVs, LVs and segments, and PVs of no VG: the document of `fullreport --json`. `options` are words too,
 * or NULL: {"--devices", "disk.img", NULL}, {"vg0", NULL}.
 */
int ashlar_list(const char* const* options, char** answer);

/* What a command would do, and nothing is written: the document of --plan=json, which ashlar_apply() takes. */
int ashlar_plan(const char* const* words, char** answer);

/*
 * Carries out a plan exactly as it shows, or not at all: refused if a VG has changed since. `options` as above; the
 * plan knows its devices itself.
 */
int ashlar_apply(const char* plan, const char* const* options, char** answer);

/* Does what any command line says: the document of --json. */
int ashlar_run(const char* const* words, char** answer);

/*
 * What "VG/LV" holds, read through its PVs, active or not (docs/images.md): up to `size` bytes from `offset` on.
 * Returns how many were read, fewer only at the end of the LV, or -1: then `answer` has the "errors".
 */
int64_t ashlar_read(const char* lv, uint64_t offset, void* buffer, size_t size, const char* const* options,
                    char** answer);

void ashlar_free(char* answer);

#ifdef __cplusplus
}
#endif

#endif
