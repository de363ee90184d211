// clamd.conf(5) and freshclam.conf(5): a line is an option and its value. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::antivirus {

inline constexpr size_t kMostOptions = 5000;

class ClamavConfig {
 public:
  // Lines beyond kMostOptions are left out.
  explicit ClamavConfig(std::string_view text = "");

  // Of an option that may be there more than once; names in any case, as ClamAV takes them.
  std::vector<std::string> values(std::string_view option) const;
  // The last one; `otherwise` where it is not set.
  std::string value(std::string_view option, std::string_view otherwise = "") const;
  // yes, true and 1; no, false and 0.
  bool flag(std::string_view option, bool otherwise) const;

 private:
  std::vector<std::pair<std::string, std::string>> options_;
};

}  // namespace muster::antivirus
