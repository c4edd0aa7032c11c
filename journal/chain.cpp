#include "journal/chain.hpp"

#include "core/base/digest.hpp"

namespace vmferry::journal {

Netstrings& Netstrings::add(std::string_view field)
{
    m_bytes += std::to_string(field.size());
    m_bytes += ':';
    m_bytes += field;
    m_bytes += ',';
    return *this;
}

Netstrings& Netstrings::add(int64_t number) { return add(std::string_view(std::to_string(number))); }

std::string Netstrings::digest() const { return sha256_hex(m_bytes); }

std::string hash_of(const Row& row, std::string_view head_digest)
{
    return Netstrings()
        .add("vmferry.entry.1")
        .add(row.previous_hash)
        .add(row.sequence)
        .add(row.transaction)
        .add(row.ordinal)
        .add(row.kind)
        .add(row.object)
        .add(row.body)
        .add(row.actor)
        .add(row.at_ms)
        .add(head_digest)
        .digest();
}

std::string digest_of(const TransactionHead& head)
{
    return Netstrings()
        .add("vmferry.transaction.1")
        .add(head.id.str())
        .add(head.command)
        .add(head.vm_uuid.str())
        .add(head.vm_name)
        .add(head.source)
        .add(head.target)
        .add(head.epoch)
        .add(head.begun_at_ms)
        .digest();
}

std::string digest_of(const ChainHead& head)
{
    return Netstrings().add("vmferry.head.1").add(head.sequence).add(head.hash).add(head.transactions).digest();
}

Result<Entry> to_entry(const Row& row)
{
    Entry entry;
    VMF_TRY_ASSIGN(entry.kind, parse_kind(row.kind));
    const auto transaction = Uuid::parse(row.transaction);
    auto body = parse_json(row.body);
    const auto actor = parse_json(row.actor);
    if (!transaction || !body || !actor) {
        return fail(ErrorKind::journal, "entry " + std::to_string(row.sequence) + " cannot be read");
    }
    entry.sequence = row.sequence;
    entry.transaction = *transaction;
    entry.object = row.object;
    entry.body = std::move(*body);
    entry.actor = Actor::from_json(*actor);
    entry.at_ms = row.at_ms;
    entry.previous_hash = row.previous_hash;
    entry.hash = row.hash;
    return entry;
}

Row to_row(const Entry& entry, int64_t ordinal)
{
    Row row;
    row.sequence = entry.sequence;
    row.transaction = entry.transaction.str();
    row.ordinal = ordinal;
    row.kind = to_string(entry.kind);
    row.object = entry.object;
    row.body = dump_json(entry.body);
    row.actor = dump_json(entry.actor.to_json());
    row.at_ms = entry.at_ms;
    row.previous_hash = entry.previous_hash;
    row.hash = entry.hash;
    return row;
}

}  // namespace vmferry::journal
