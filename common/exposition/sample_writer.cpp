#include "common/exposition/sample_writer.h"

namespace muster::exposition {

void SampleWriter::add(HostFamily family, Labels labels, double value) {
  std::string& text = texts_[family];
  const size_t begin = text.size();
  append_sample_with_prefix(text, kHostFamilies[family], host_label_, labels, value);
  // The value comes behind the last space: it is a number, so it has none.
  const std::string series = text.substr(begin, text.rfind(' ') - begin);
  if (!seen_[family].insert(series).second) text.resize(begin);
}

}  // namespace muster::exposition
