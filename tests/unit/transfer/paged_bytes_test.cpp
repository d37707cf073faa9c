#include "support/seeded_random.h"
#include "transfer/paged_bytes.h"

#include <QTest>
#include <map>

using namespace wherry;
using namespace wherry::transfer;

namespace {

/// A Spill in memory that takes so many pages.
class SmallSpill final : public Spill {
  public:
    SmallSpill(std::map<uint64_t, Bytes>& kept, size_t takes) : m_kept(kept), m_takes(takes) {}
    Result<void> write(uint64_t offset, ByteView bytes) override {
        if (!m_kept.contains(offset) && m_kept.size() == m_takes) return makeError(Errc::DiskFull, "the spill");
        m_kept[offset] = toBytes(bytes);
        return {};
    }
    Result<void> read(uint64_t offset, MutableBytes out) override {
        const auto found = m_kept.find(offset);
        if (found == m_kept.end() || found->second.size() != out.size()) return makeError(Errc::Io, "the spill");
        std::copy(found->second.begin(), found->second.end(), out.begin());
        return {};
    }

  private:
    std::map<uint64_t, Bytes>& m_kept;
    size_t m_takes;
};

struct Row {
    uint64_t a = 0;
    uint32_t b = 0;
};
constexpr uint32_t kRows = kTablePageBytes / sizeof(Row);

} // namespace

class PagedBytesTest : public QObject {
    Q_OBJECT

  private slots:
    void no_more_pages_than_said_are_in_memory_and_no_spill_is_made_before_the_next() {
        std::map<uint64_t, Bytes> kept;
        int made = 0;
        PagedBytes pages(
            [&] {
                ++made;
                return std::make_unique<SmallSpill>(kept, 1000);
            },
            4);
        for (uint8_t i = 0; i < 4; ++i) {
            pages.addPage();
            pages.change(i)[i] = i;
        }
        QCOMPARE(made, 0);
        for (uint8_t i = 4; i < 40; ++i) {
            pages.addPage();
            pages.change(i)[i] = i;
        }
        QCOMPARE(made, 1);
        QCOMPARE(pages.residentBytes(), 4 * kTablePageBytes);
        for (uint8_t i = 0; i < 40; ++i) QCOMPARE(pages.look(i)[i], i);
        QCOMPARE(pages.residentBytes(), 4 * kTablePageBytes);
    }

    void any_order_of_changes_and_looks_finds_what_was_written_last() {
        std::map<uint64_t, Bytes> kept;
        test::SeededRandom random(7);
        PagedRows<Row> rows([&] { return std::make_unique<SmallSpill>(kept, 1000); }, 3);
        std::vector<Row> wanted;
        for (int step = 0; step < 200'000; ++step) {
            const uint64_t dice = random.next64();
            const Row row{random.next64(), uint32_t(dice)};
            if (wanted.size() < 20 * kRows && dice % 4 == 0) {
                rows.add(row);
                wanted.push_back(row);
            } else if (!wanted.empty()) {
                const auto at = uint32_t((dice >> 8) % wanted.size());
                if (dice % 4 == 1) {
                    rows.set(at, row);
                    wanted[at] = row;
                }
                QCOMPARE(rows.at(at).a, wanted[at].a);
                QCOMPARE(rows.at(at).b, wanted[at].b);
            }
        }
        QVERIFY(wanted.size() == 20 * kRows && !kept.empty());
    }

    void without_a_spill_and_when_it_is_full_everything_stays_in_memory() {
        std::map<uint64_t, Bytes> kept;
        for (const SpillMaker& spills : {SpillMaker(), SpillMaker([] { return std::unique_ptr<Spill>(); }),
                                         SpillMaker([&] { return std::make_unique<SmallSpill>(kept, 5); })}) {
            PagedBytes pages(spills, 2);
            for (uint8_t i = 0; i < 20; ++i) {
                pages.addPage();
                pages.change(i)[0] = i;
            }
            for (uint8_t round = 0; round < 2; ++round)
                for (uint8_t i = 0; i < 20; ++i) QCOMPARE(pages.look(i)[0], i);
            QVERIFY(pages.residentBytes() >= 14 * kTablePageBytes);
        }
        QCOMPARE(kept.size(), size_t(5));
    }

    void texts_of_every_length_come_back_as_they_were() {
        std::map<uint64_t, Bytes> kept;
        PagedTexts texts([&] { return std::make_unique<SmallSpill>(kept, 1000); }, 2);
        std::vector<uint32_t> places;
        size_t bytes = 0;
        for (size_t i = 0; i < 2000; ++i) {
            places.push_back(texts.add(std::string(i % 256, char('a' + i % 26))));
            bytes += i % 256;
        }
        places.push_back(texts.add(std::string(kTablePageBytes, 'z')));
        QCOMPARE(texts.bytes(), bytes + kTablePageBytes);
        for (size_t i = 0; i < 2000; ++i)
            QVERIFY(texts.at(places[i], i % 256) == std::string(i % 256, char('a' + i % 26)));
        QVERIFY(texts.at(places.back(), kTablePageBytes) == std::string(kTablePageBytes, 'z'));
        QVERIFY(!kept.empty());
    }

    void a_text_without_bytes_is_in_no_page() {
        PagedTexts texts;
        QCOMPARE(texts.at(texts.add(""), 0), std::string_view());
        const uint32_t whole = texts.add(std::string(kTablePageBytes, 'z'));
        QCOMPARE(texts.at(texts.add(""), 0), std::string_view()); // behind the last page's last byte
        QVERIFY(texts.at(whole, kTablePageBytes) == std::string(kTablePageBytes, 'z'));
        QCOMPARE(texts.bytes(), kTablePageBytes);
    }
};

QTEST_APPLESS_MAIN(PagedBytesTest)
#include "paged_bytes_test.moc"
