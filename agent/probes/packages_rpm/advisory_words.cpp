#include "agent/probes/packages_rpm/advisory_words.h"

#include <strings.h>

#include <array>
#include <string>
#include <utility>

namespace muster::packages_rpm {

v1::AdvisorySeverity severity_of(std::string_view word) {
  constexpr std::array<std::pair<const char*, v1::AdvisorySeverity>, 7> kWords = {{
      {"low", v1::ADVISORY_SEVERITY_LOW},
      {"moderate", v1::ADVISORY_SEVERITY_MODERATE},
      {"medium", v1::ADVISORY_SEVERITY_MODERATE},
      {"important", v1::ADVISORY_SEVERITY_IMPORTANT},
      {"high", v1::ADVISORY_SEVERITY_IMPORTANT},
      {"critical", v1::ADVISORY_SEVERITY_CRITICAL},
      {"urgent", v1::ADVISORY_SEVERITY_CRITICAL},
  }};
  const std::string text(word);
  for (const auto& [name, severity] : kWords) {
    if (::strcasecmp(text.c_str(), name) == 0) return severity;
  }
  return v1::ADVISORY_SEVERITY_UNSPECIFIED;
}

}  // namespace muster::packages_rpm
