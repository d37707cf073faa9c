#include "transfer/merkle.h"

#include <QTest>
#include <algorithm>
#include <vector>

using namespace wherry;
using namespace wherry::transfer;
using crypto::Digest;

namespace {

Bytes pattern(size_t length, uint32_t seed = 1) {
    Bytes out(length);
    uint32_t state = seed * 2654435761u + 1;
    for (uint8_t& byte : out) {
        state = state * 1664525u + 1013904223u;
        byte = uint8_t(state >> 24);
    }
    return out;
}

Digest prefixed(uint8_t prefix, ByteView rest) {
    Bytes all{prefix};
    append(all, rest);
    return crypto::sha256(all);
}

/// RFC 9162 2.1.1 taken literally: over leaves, nothing known of chunks and groups.
Digest literalTree(const std::vector<Bytes>& leaves, size_t begin, size_t end) {
    const size_t count = end - begin;
    if (count == 0) return crypto::sha256({});
    if (count == 1) return prefixed(0, leaves[begin]);
    size_t split = 1;
    while (split * 2 < count) split *= 2;
    Bytes both = toBytes(literalTree(leaves, begin, begin + split));
    append(both, literalTree(leaves, begin + split, end));
    return prefixed(1, both);
}

Digest literalRoot(ByteView data) {
    std::vector<Bytes> leaves;
    for (size_t at = 0; at < data.size(); at += kLeafSize)
        leaves.push_back(toBytes(data.subspan(at, std::min(kLeafSize, data.size() - at))));
    return literalTree(leaves, 0, leaves.size());
}

Digest fileRoot(ByteView data) {
    Digest root;
    fileRoots({&data, 1}, {&root, 1});
    return root;
}

std::vector<Digest> someRoots(uint32_t count) {
    std::vector<Digest> roots;
    for (uint32_t i = 0; i < count; ++i) roots.push_back(crypto::sha256(pattern(8, i + 1)));
    return roots;
}

Slices cut(const Bytes& data, const std::vector<size_t>& lengths) {
    Slices pieces;
    size_t at = 0;
    for (size_t length : lengths) {
        pieces.push_back(Slice::copyOf(ByteView(data).subspan(at, length)));
        at += length;
    }
    if (at < data.size()) pieces.push_back(Slice::copyOf(ByteView(data).subspan(at)));
    return pieces;
}

} // namespace

class MerkleTest : public QObject {
    Q_OBJECT

  private slots:
    void anEmptyFileHasTheHashOfNothingAsItsRoot() {
        QCOMPARE(toHex(fileRoot({})), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(toHex(treeRoot({})), toHex(fileRoot({})));
        QCOMPARE(toHex(RootAccumulator().root()), toHex(fileRoot({})));
        QCOMPARE(chunkCount(0), 0u);
        QCOMPARE(groupCount(0), 0u);
    }

    void rootsOfCertificateTransparencyVectorsComeOut() {
        // The tree of the Certificate Transparency reference: leaves "", 00, 10, 2021, 3031, 40414243,
        // 5051525354555657, 60..6f.
        const char* inputs[] = {
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
        std::vector<Digest> leaves;
        for (const char* input : inputs) leaves.push_back(prefixed(0, fromHex(input)));
        const char* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
        RootAccumulator accumulator;
        for (size_t i = 0; i < leaves.size(); ++i) {
            accumulator.add(leaves[i]);
            QCOMPARE(toHex(treeRoot(std::span(leaves).first(i + 1))), std::string(roots[i]));
            QCOMPARE(toHex(accumulator.root()), std::string(roots[i]));
        }
    }

    void aFileRootIsThatOfTheLiteralTreeOverItsLeaves_data() {
        QTest::addColumn<qulonglong>("size");
        for (size_t size : {size_t(1), kLeafSize - 1, kLeafSize, kLeafSize + 1, 3 * kLeafSize, kChunkSize - 1,
                            kChunkSize, kChunkSize + 1, 3 * kChunkSize + 5, 7 * kChunkSize, 8 * kChunkSize + kLeafSize})
            QTest::addRow("%zu", size) << qulonglong(size);
    }
    void aFileRootIsThatOfTheLiteralTreeOverItsLeaves() {
        QFETCH(qulonglong, size);
        const Bytes data = pattern(size);
        QCOMPARE(toHex(fileRoot(data)), toHex(literalRoot(data)));
    }

    void groupRootsAddUpToTheFileRoot() {
        // Aligned subtrees: the accumulated root over groups equals the tree over all chunks, for partial last groups
        // too.
        for (uint32_t chunks : {1u, 127u, 128u, 129u, 255u, 256u, 257u, 383u, 384u, 385u, 640u, 1000u}) {
            const std::vector<Digest> roots = someRoots(chunks);
            RootAccumulator file;
            for (uint32_t at = 0; at < chunks; at += kChunksPerGroup)
                file.add(treeRoot(std::span(roots).subspan(at, std::min(kChunksPerGroup, chunks - at))));
            QCOMPARE(toHex(file.root()), toHex(treeRoot(roots)));
        }
    }

    void rootsOfSeveralFilesComeOutTogether() {
        const std::vector<Bytes> files{
            pattern(0), pattern(1), pattern(kLeafSize), pattern(kLeafSize + 1), pattern(0), pattern(3 * kLeafSize - 1)};
        const std::vector<ByteView> views(files.begin(), files.end());
        std::vector<Digest> roots(files.size());
        fileRoots(views, roots);
        for (size_t i = 0; i < files.size(); ++i) QCOMPARE(toHex(roots[i]), toHex(literalRoot(files[i])));
    }

    void rootsOfSeveralChunksComeOutTogether() {
        const std::vector<Bytes> chunks{
            pattern(kChunkSize), pattern(1), {}, pattern(kLeafSize + 1), pattern(kChunkSize - 3)};
        std::vector<Slices> pieces;
        for (const Bytes& chunk : chunks) pieces.push_back(cut(chunk, {chunk.size() / 3}));
        std::vector<Digest> roots(chunks.size());
        chunkRoots(pieces, roots);
        for (size_t i = 0; i < chunks.size(); ++i) QCOMPARE(toHex(roots[i]), toHex(literalRoot(chunks[i])));
    }

    void chunksInPiecesHashAsInOne() {
        for (size_t size : {size_t(1), kLeafSize, kLeafSize + 7, kChunkSize - 3, kChunkSize}) {
            const Bytes data = pattern(size, uint32_t(size));
            const std::string whole = toHex(chunkRoot(data));
            QCOMPARE(toHex(chunkRoot(cut(data, {}))), whole);
            QCOMPARE(toHex(chunkRoot(cut(data, {1}))), whole);
            std::vector<size_t> small(size / 1200, 1200);
            QCOMPARE(toHex(chunkRoot(cut(data, small))), whole);
            std::vector<size_t> leafwise(size / kLeafSize, kLeafSize);
            QCOMPARE(toHex(chunkRoot(cut(data, leafwise))), whole);
            if (size > kLeafSize + 1) QCOMPARE(toHex(chunkRoot(cut(data, {kLeafSize - 1, 0, 2, 0}))), whole);
        }
    }

    void geometryHoldsAtTheEdges() {
        QCOMPARE(chunkCount(1), 1u);
        QCOMPARE(chunkCount(kChunkSize), 1u);
        QCOMPARE(chunkCount(kChunkSize + 1), 2u);
        QCOMPARE(chunkLength(kChunkSize + 1, 0), uint32_t(kChunkSize));
        QCOMPARE(chunkLength(kChunkSize + 1, 1), 1u);
        QCOMPARE(groupCount(kGroupSize), 1u);
        QCOMPARE(groupCount(kGroupSize + 1), 2u);
        QCOMPARE(chunksInGroup(kGroupSize + 1, 0), kChunksPerGroup);
        QCOMPARE(chunksInGroup(kGroupSize + 1, 1), 1u);
        QCOMPARE(chunkCount(kMaxFileSize), 1u << 31);
        QCOMPARE(groupCount(kMaxFileSize), 1u << 24);
        QCOMPARE(chunksInGroup(kMaxFileSize, (1u << 24) - 1), kChunksPerGroup);
    }

    void everyProofOfEveryGroupSizeVerifiesAndNoOtherPlaceDoes() {
        for (uint32_t count = 1; count <= kChunksPerGroup; ++count) {
            const std::vector<Digest> roots = someRoots(count);
            const Digest root = treeRoot(roots);
            const GroupTree tree(roots);
            QVERIFY(tree.root() == root);
            QVERIFY(std::equal(tree.begin(), tree.end(), roots.begin(), roots.end()));
            for (uint32_t index = 0; index < count; ++index) {
                const std::vector<Digest> proof = tree.proof(index);
                QVERIFY(proof.size() <= kMaxProofLength);
                QCOMPARE(proof.size(), proofLength(index, count));
                QVERIFY(verifyProof(roots[index], index, count, proof, root));
                if (count % 7 != 1) continue;
                for (uint32_t other = 0; other < count; ++other)
                    if (other != index)
                        QVERIFY2(!verifyProof(roots[index], other, count, proof, root), "B9: proof for another index");
            }
        }
    }

    void B9_wrongContentProofAndRootAreRefused() {
        const std::vector<Digest> roots = someRoots(100);
        const Digest root = treeRoot(roots);
        std::vector<Digest> proof = GroupTree(roots).proof(41);
        QVERIFY(!verifyProof(roots[42], 41, 100, proof, root));
        QVERIFY(!verifyProof(roots[41], 41, 100, GroupTree(roots).proof(40), root));
        QVERIFY(!verifyProof(roots[41], 41, 100, proof, roots[0]));
        QVERIFY(
            !verifyProof(roots[41], 41, 99, GroupTree(std::vector(roots.begin(), roots.begin() + 99)).proof(41), root));
        QVERIFY(!verifyProof(roots[41], 100, 100, proof, root));
        QVERIFY(!verifyProof(roots[41], 0xffffffff, 100, proof, root));
        QVERIFY(!verifyProof(roots[41], 0, 0, {}, root));
        std::vector<Digest> longer = proof;
        longer.push_back(root);
        QVERIFY(!verifyProof(roots[41], 41, 100, longer, root));
        QVERIFY(!verifyProof(roots[41], 41, 100, std::span(proof).first(proof.size() - 1), root));
        for (size_t i = 0; i < proof.size(); ++i) {
            std::vector<Digest> bent = proof;
            bent[i][31] ^= 1;
            QVERIFY(!verifyProof(roots[41], 41, 100, bent, root));
        }
        std::swap(proof[0], proof[1]);
        QVERIFY(!verifyProof(roots[41], 41, 100, proof, root));
    }

    void F7_anInnerNodeIsNoLeafAndSwappedLeavesAreNoticed() {
        const Bytes data = pattern(2 * kLeafSize);
        const Digest left = prefixed(0, ByteView(data).first(kLeafSize));
        const Digest right = prefixed(0, ByteView(data).subspan(kLeafSize));
        Bytes inner = toBytes(left);
        append(inner, right);
        QVERIFY(prefixed(0, inner) != chunkRoot(data)); // a file of 64 bytes that are the node's input has another root
        QVERIFY(chunkRoot(inner) != chunkRoot(data));
        Bytes swapped = toBytes(ByteView(data).subspan(kLeafSize));
        append(swapped, ByteView(data).first(kLeafSize));
        QVERIFY(chunkRoot(swapped) != chunkRoot(data));
    }

    void F7_someChunksOfAFileAreNotTheFile() {
        const std::vector<Digest> roots = someRoots(300);
        RootAccumulator few;
        for (uint32_t index : {7u, 107u, 207u}) few.add(roots[index]);
        RootAccumulator whole;
        for (uint32_t at = 0; at < 300; at += kChunksPerGroup)
            whole.add(treeRoot(std::span(roots).subspan(at, std::min(kChunksPerGroup, 300 - at))));
        QVERIFY(few.root() != whole.root());
    }

    void theSizeIsPartOfTheDigest() {
        const Digest root = crypto::sha256({});
        QVERIFY(fileDigest(0, root) != fileDigest(1, root));
        Bytes input{0x02, 0, 0, 0, 0, 0, 0, 1, 2};
        append(input, root);
        QCOMPARE(toHex(fileDigest(0x0102, root)), toHex(crypto::sha256(input)));
    }
};

QTEST_APPLESS_MAIN(MerkleTest)
#include "merkle_test.moc"
