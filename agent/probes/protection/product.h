// One product that protects or watches the host, as its reader tells of it: what the probes
// "antivirus" and "intrusion-detection" share. A product is one file with one reader, one row in
// its probe's product_list.cpp, and its test.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/host_answers.h"
#include "common/clock.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::protection {

// Where a reader may look. Nothing else: no socket, no program, no clock of its own.
struct ProductLook {
  // As in a checked request: "" or "/mnt/image"; files are read with root_files.h.
  std::string root;
  const probe::HostAnswers& answers;
  TimePoint now;
  // What keeps a reader from telling whether its product is installed: one sentence each, with the
  // product's name. Filled by is_there (product_files.h).
  std::vector<std::string>& problems;
};

// Unset: it is not installed. What cannot be read goes into `unread` (product_facts.h); a reader
// does not fail.
using ReadProduct = std::optional<v1::ProtectionProduct> (*)(const ProductLook& look);

struct ProductRow {
  // "clamav": ProtectionProduct.product, for ever the same.
  std::string_view product;
  // "ClamAV".
  std::string_view name;
  ReadProduct read;
};

}  // namespace muster::protection
