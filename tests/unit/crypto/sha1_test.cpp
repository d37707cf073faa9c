#include "crypto/sha1.h"

#include <QtTest>

using namespace wherry;

class Sha1Test : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfRfc3174Hold();
};

void Sha1Test::theVectorsOfRfc3174Hold() {
    QCOMPARE(toHex(crypto::sha1(asBytes("abc"))), std::string("a9993e364706816aba3e25717850c26c9cd0d89d"));
    QCOMPARE(toHex(crypto::sha1(asBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
             std::string("84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
    QCOMPARE(toHex(crypto::sha1({})), std::string("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
}

QTEST_APPLESS_MAIN(Sha1Test)
#include "sha1_test.moc"
