// libsolv's headers, which are C and have a member named as a keyword of C++20. Before any header
// of libdnf, which includes them.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define requires requires_of_solvable
extern "C" {
#include <solv/dataiterator.h>
#include <solv/evr.h>
#include <solv/knownid.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_repomdxml.h>
#include <solv/solvable.h>
}
#undef requires
#ifdef __clang__
#pragma clang diagnostic pop
#endif
