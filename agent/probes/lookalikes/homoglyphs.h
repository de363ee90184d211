// Characters that are taken for others. After Unicode's data for that (confusables.txt of UTS #39),
// as far as domains may have them, and after what is seen in names that were registered to deceive.
// Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace muster::lookalikes {

// A character or a few, and what looks like them; in lower case.
struct Homoglyph {
  std::u32string_view written;
  std::u32string_view looks_like;
};

// Within letters and digits of ASCII: no registry refuses these.
std::span<const Homoglyph> ascii_homoglyphs();

// Characters of any alphabet that look like this letter; empty for none.
std::u32string_view foreign_homoglyphs(char32_t letter);

// The Cyrillic letter that cannot be told from this one in most fonts. A name all of whose letters
// have one can be written in Cyrillic alone, which registries take and browsers may show.
std::optional<char32_t> cyrillic_twin(char32_t letter);

}  // namespace muster::lookalikes
