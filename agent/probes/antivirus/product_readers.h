// The readers of the products that tell their state by a command or by files of their own, each in
// the file of its name: as protection::ReadProduct. What each reads is in README.md and, with how
// far it was tried, in docs/products.md. Calls block; any thread.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::antivirus {

std::optional<v1::ProtectionProduct> read_bitdefender(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_cortex_xdr(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_crowdstrike_falcon(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_drweb(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_eset(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_kaspersky(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_microsoft_defender(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_sentinelone(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_sophos(const protection::ProductLook& look);
std::optional<v1::ProtectionProduct> read_trend_micro(const protection::ProductLook& look);

}  // namespace muster::antivirus
