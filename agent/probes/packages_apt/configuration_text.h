// A look at the text of an apt.conf file before libapt-pkg parses it. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::packages_apt {

// Whether the text may contain "#include" or "#x-apt-configure-index", which make libapt-pkg read
// another file, of this system and not of the image. Quotes and %-escapes, which libapt-pkg
// resolves before it looks, hide nothing; a mention within a value counts too, which is the safe
// side.
bool may_name_other_files(std::string_view text);

}  // namespace muster::packages_apt
