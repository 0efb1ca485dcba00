// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a configuration or metadata text: no crash, and what parses prints as a text that means the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "config/document.h"
#include "config/settings.h"

using ashlar::config::Document;
using ashlar::config::Node;

namespace {

/// Reads all there is, so that the sanitizers see every view; returns the number of nodes.
std::size_t walk(Node section) {
  std::size_t nodes = 0;
  for (const Node child : section) {
    ++nodes;
    ASHLAR_REQUIRE(!child.key().empty());
    for (std::size_t i = 0; i < child.size(); ++i) (void)child.at(i);
    if (child.is_section()) nodes += walk(child);
  }
  return nodes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ashlar::Result<Document> document = Document::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!document.ok()) return 0;
  const std::size_t nodes = walk(document->root());
  const std::string text = ashlar::config::print(document->root());
  const ashlar::Result<Document> again = Document::parse(text, "printed");
  ASHLAR_REQUIRE(again.ok());
  ASHLAR_REQUIRE(walk(again->root()) == nodes);
  ASHLAR_REQUIRE(ashlar::config::print(again->root()) == text);

  ashlar::config::Settings settings;
  settings.add_layer(std::move(document).value());
  (void)settings.check();
  return 0;
}
