#include "gateway/control_message.h"

#include "gateway/command_fields.h"
#include "gateway/event_fields.h"
#include "gateway/fields_io.h"
#include "gateway/gateway_limits.h"

namespace wherry::gateway {

template <>
inline constexpr auto kFields<crypto::KeyNames> = described("", field("peerId", &crypto::KeyNames::peerId),
                                                            field("i6pId", &crypto::KeyNames::i6pId),
                                                            field("registryKey", &crypto::KeyNames::registryKey),
                                                            field("publicKey", &crypto::KeyNames::publicKey));
template <>
inline constexpr auto kFields<Greeting> = described("wherry", field("version", &Greeting::version),
                                                    field("process", &Greeting::process), field("who", &Greeting::who),
                                                    inlined(&Greeting::names));
template <> inline constexpr auto kFields<Subscribe> = described("subscribe");

namespace {

/// {"id":N,"command":"ping",...}; `kind` is "command" or "event".
template <typename T> std::string encode(node::RequestId id, std::string_view kind, const T& value) {
    std::string line = "{";
    if (id) line += "\"id\":" + std::to_string(id.value) + ",";
    appendJsonString(line, kind);
    line += ':';
    appendJsonString(line, kFields<T>.name);
    bool first = false;
    writeFields(line, value, first);
    return line += '}';
}

template <typename T> Result<std::string> encodeIfDescribed(node::RequestId id, std::string_view kind, const T& value) {
    if constexpr (Described<T>)
        return encode(id, kind, value);
    else
        return makeError(Errc::Unsupported, "this cannot be asked of a running wherry");
}

/// Reads the alternative of `Variant` that is called `name` into `out`; false: there is none.
template <typename Variant, typename Out, size_t i = 0>
bool readAlternative(std::string_view name, const JsonValue& in, Result<Out>& out) {
    if constexpr (i < std::variant_size_v<Variant>) {
        using T = std::variant_alternative_t<i, Variant>;
        if constexpr (Described<T>) {
            if (kFields<T>.name == name) {
                T value{};
                const Result<void> read = readFields(in, value);
                if (read)
                    out = Out(Variant(std::move(value)));
                else
                    out = read.error();
                return true;
            }
        }
        return readAlternative<Variant, Out, i + 1>(name, in, out);
    }
    return false;
}

/// A typing error in a member that has a default must not go unnoticed.
template <typename T> Result<void> hasOnlyKnown(const JsonValue& in) {
    for (const auto& [name, value] : *in.as<JsonValue::Object>())
        if (name != "id" && name != "command" && !knows<T>(name))
            return makeError(Errc::InvalidArgument, "'" + name + "' is no member of this command");
    return {};
}

Result<Wish> readWish(const JsonValue& in) {
    const JsonValue* command = in.find("command");
    const auto* name = command ? command->as<std::string>() : nullptr;
    if (!name) return makeError(Errc::InvalidArgument, "'command' is missing");
    Result<Wish> wish = Wish(Subscribe{});
    if (*name == kFields<Subscribe>.name) {
        TRY_OK(hasOnlyKnown<Subscribe>(in));
        return wish;
    }
    if (!readAlternative<node::Command>(*name, in, wish))
        return makeError(Errc::Unsupported, "there is no command '" + *name + "'");
    if (!wish) return wish;
    TRY_OK(std::visit(
        [&]<typename T>(const T&) -> Result<void> {
            if constexpr (Described<T>) return hasOnlyKnown<T>(in);
            return {};
        },
        std::get<node::Command>(*wish)));
    return wish;
}

template <typename Entry, typename Size> void keepWhatFits(std::vector<Entry>& entries, size_t& bytes, Size sizeOf) {
    size_t kept = 0;
    for (; kept < entries.size() && kept < kMaxOfferEntries; ++kept) {
        const size_t size = sizeOf(entries[kept]);
        if (bytes + size > kMaxOfferBytes) break;
        bytes += size;
    }
    entries.resize(kept);
}

/// As many names as a line can hold, in their order: of OfferMade or OfferLooked.
template <typename Offer> Offer cutToFit(Offer offer) {
    size_t bytes = offer.place.folder.size();
    keepWhatFits(offer.place.names, bytes, [](const auto& one) { return one.name.size(); });
    if constexpr (requires { offer.entries; })
        keepWhatFits(offer.entries, bytes, [](const auto& entry) { return entry.path.size() + entry.warning.size(); });
    keepWhatFits(offer.taken, bytes, [](const auto& entry) { return entry.path.size() + entry.landsAs.size(); });
    keepWhatFits(offer.renames, bytes, [](const auto& entry) { return entry.path.size() + entry.landsAs.size(); });
    return offer;
}

Result<std::string> encodeTransfer(node::RequestId id, const transfer::TransferEvent& event) {
    return std::visit(
        [&]<typename T>(const T& what) {
            if constexpr (std::is_same_v<T, transfer::OfferMade>)
                return encodeIfDescribed(id, "event", cutToFit(what));
            else
                return encodeIfDescribed(id, "event", what);
        },
        event);
}

node::RequestId idOf(const JsonValue& in) {
    const JsonValue* id = in.find("id");
    const auto* number = id ? id->as<uint64_t>() : nullptr;
    return {number ? *number : 0};
}

} // namespace

std::string encodeGreeting(const Greeting& greeting) {
    return encode({}, "event", greeting);
}

Result<Greeting> decodeGreeting(std::string_view line) {
    TRY(const JsonValue in, parseJson(line));
    Greeting greeting;
    TRY_OK(readValue(in, greeting));
    return greeting;
}

Result<std::string> encodeRequest(const Request& request) {
    const auto write = [&](const auto& what) { return encodeIfDescribed(request.id, "command", what); };
    if (const auto* command = std::get_if<node::Command>(&request.wish)) return std::visit(write, *command);
    return write(std::get<Subscribe>(request.wish));
}

std::variant<Request, BadRequest> decodeRequest(std::string_view line) {
    auto in = parseJson(line);
    if (!in) return BadRequest{{}, in.error()};
    const node::RequestId id = idOf(*in);
    if (!id) return BadRequest{{}, makeError(Errc::InvalidArgument, "'id' is missing: a whole number above 0")};
    auto wish = readWish(*in);
    if (!wish) return BadRequest{id, wish.error()};
    return Request{id, std::move(*wish)};
}

Result<std::string> encodeReport(const Report& report) {
    if (const auto* update = std::get_if<node::TransferUpdate>(&report.event))
        return encodeTransfer(report.id, update->event);
    if (const auto* looked = std::get_if<node::OfferLooked>(&report.event))
        return encodeIfDescribed(report.id, "event", cutToFit(*looked));
    return std::visit([&](const auto& what) { return encodeIfDescribed(report.id, "event", what); }, report.event);
}

Result<Report> decodeReport(std::string_view line) {
    TRY(const JsonValue in, parseJson(line));
    const JsonValue* kind = in.find("event");
    const auto* name = kind ? kind->as<std::string>() : nullptr;
    if (!name) return makeError(Errc::Malformed, "a line that is no event");
    Report report{idOf(in), node::Event()};
    Result<transfer::TransferEvent> update = transfer::TransferEvent();
    Result<node::Event> event = node::Event();
    if (readAlternative<transfer::TransferEvent>(*name, in, update)) {
        if (!update) return update.error();
        report.event = node::TransferUpdate{std::move(*update)};
        return report;
    }
    if (!readAlternative<node::Event>(*name, in, event))
        return makeError(Errc::Unsupported, "an event that this version does not know: " + *name);
    if (!event) return event.error();
    report.event = std::move(*event);
    std::visit(
        [&]<typename T>(T& what) {
            if constexpr (Answer<T>) what.request = report.id;
        },
        report.event);
    return report;
}

} // namespace wherry::gateway
