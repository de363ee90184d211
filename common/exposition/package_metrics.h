// What a package manager says of a host, as samples: packages, updates, repositories and their
// keys.
#pragma once

#include "common/exposition/sample_writer.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::exposition {

void add_packages(SampleWriter& writer, const v1::PackageFacts& facts);

}  // namespace muster::exposition
