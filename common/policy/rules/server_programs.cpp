#include "common/policy/rules/server_programs.h"

#include <algorithm>
#include <array>

namespace muster::policy {

std::string_view how_to_renew(std::string_view program) {
  constexpr std::array<std::string_view, 5> kReadAtStart = {"slapd", "mariadb", "xrdp", "vsftpd",
                                                            "inn2"};
  const bool at_start = std::find(kReadAtStart.begin(), kReadAtStart.end(), program_of(program)) !=
                        kReadAtStart.end();
  return at_start ? "restart" : "reload";
}

}  // namespace muster::policy
