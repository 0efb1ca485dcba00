// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/document.h"

#include <algorithm>

#include "config/lexer.h"
#include "config/storage.h"

namespace ashlar::config {
namespace {

/// What LVM2 reads for a creation_time that does not fit 64 bits; the parser lets no other such number pass.
constexpr std::int64_t kLostCreationTime = 1527120000;

}  // namespace

Scalar Storage::scalar(std::uint32_t index) const {
  const StoredScalar& stored = scalars[index];
  Scalar scalar{.kind = static_cast<Scalar::Kind>(stored.kind), .text = bytes(stored.at, stored.length, stored.copied)};
  if (scalar.kind == Scalar::Kind::Integer) scalar.integer = read_integer(scalar.text).value_or(kLostCreationTime);
  if (scalar.kind == Scalar::Kind::Float) scalar.real = read_float(scalar.text).value_or(0);
  return scalar;
}

int Storage::line_at(std::uint32_t at) const {
  return static_cast<int>(1 + std::count(text.begin(), text.begin() + at, '\n'));
}

std::string_view Node::key() const { return doc_->key(doc_->nodes[index_]); }
bool Node::is_section() const { return doc_ != nullptr && doc_->nodes[index_].is_section != 0; }
bool Node::is_array() const { return doc_ != nullptr && doc_->nodes[index_].is_array != 0; }

int Node::line() const {
  const StoredNode& node = doc_->nodes[index_];
  return doc_->line_at(node.key_copied != 0 ? doc_->copies[node.key_at].at : node.key_at);
}

Node Node::first_child() const {
  if (!is_section()) return {};
  const std::uint32_t first = doc_->nodes[index_].first;
  return first != 0 ? Node(doc_, first) : Node();
}

Node Node::next() const {
  const std::uint32_t next = doc_->nodes[index_].next;
  return next != 0 ? Node(doc_, next) : Node();
}

Node Node::find(std::string_view key) const {
  for (const Node child : *this) {
    if (!child.is_section() && child.key() == key) return child;
  }
  return {};
}

Node Node::section(std::string_view key) const {
  for (const Node child : *this) {
    if (child.is_section() && child.key() == key) return child;
  }
  return {};
}

Node Node::find_path(std::string_view path) const {
  Node node = *this;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    node = node.section(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  const Node setting = node.find(path);
  return setting ? setting : node.section(path);
}

std::size_t Node::size() const { return empty() || is_section() ? 0 : doc_->nodes[index_].last; }

Scalar Node::at(std::size_t i) const {
  ASHLAR_REQUIRE(i < size());
  return doc_->scalar(doc_->nodes[index_].first + static_cast<std::uint32_t>(i));
}

int Node::line(std::size_t i) const {
  ASHLAR_REQUIRE(i < size());
  const StoredScalar& stored = doc_->scalars[doc_->nodes[index_].first + static_cast<std::uint32_t>(i)];
  return doc_->line_at(stored.copied != 0 ? doc_->copies[stored.at].at : stored.at);
}

std::optional<std::int64_t> Node::integer() const {
  if (size() != 1 || is_array()) return std::nullopt;
  const Scalar scalar = at(0);
  if (scalar.kind != Scalar::Kind::Integer) return std::nullopt;
  return scalar.integer;
}

std::optional<std::uint64_t> Node::unsigned_integer() const {
  const std::optional<std::int64_t> value = integer();
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<std::string_view> Node::string() const {
  if (size() != 1 || is_array()) return std::nullopt;
  const Scalar scalar = at(0);
  if (scalar.kind != Scalar::Kind::String && scalar.kind != Scalar::Kind::Bare) return std::nullopt;
  return scalar.text;
}

Node::Iterator Node::begin() const { return Iterator(first_child()); }
Node::Iterator Node::end() const { return Iterator(Node()); }

Document::Document(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

int Document::repeated_line() const { return storage_->repeated ? storage_->line_at(*storage_->repeated) : 0; }

Node Document::root() const { return Node(storage_.get(), 0); }
const std::string& Document::source() const { return storage_->source; }

}  // namespace ashlar::config
