// Which key file belongs to which certificate file. Pure; any thread.
#pragma once

#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// Fills key_path of every file with certificates: as `uses` pair them, else the key beside it whose
// name says so, else the file itself; of a key store only itself. Only what is in `keys` is named
// where names decide.
void pair_keys(v1::CertificateFacts& facts);

}  // namespace muster
