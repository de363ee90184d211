// apk's order of versions, by the format's specification (apk-package(5), "version"):
//
//   number{.number}...{letter}{_suffix{number}}...{~hash}{-r#}
//
// Two versions are compared part by part. What the specification leaves open is as in Gentoo's,
// where it comes from: after the first dot, numbers of which one begins with 0 are compared as
// decimal fractions, so as text. Where one version ends, the longer one is newer, unless what
// follows is a suffix that comes before a release ("_rc1"). Pure; any thread.
#pragma once

#include <string_view>

namespace muster::packages_apk {

// Below 0 if `a` is the older, above 0 if `b` is, 0 if neither. A total order of every text: one
// that breaks the form is compared up to the break, where it is older than any version that goes on
// or ends there.
int compare_versions(std::string_view a, std::string_view b);

// Whether it has the form.
bool is_version(std::string_view text);

// What `~` asks for in a constraint: `version` is `prefix`, or goes on where `prefix` ends, at the
// border of a part. "1.6.0_pre1" and "1.6.9" begin with "1.6", "1.60" does not.
bool begins_with_version(std::string_view version, std::string_view prefix);

}  // namespace muster::packages_apk
