#include "codec/base64.h"

#include <QtTest>

using namespace wherry;

class Base64Test : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfRfc4648Hold();
    void everyByteIsWritten();
};

void Base64Test::theVectorsOfRfc4648Hold() {
    const std::pair<std::string_view, std::string> vectors[] = {{"", ""},
                                                                {"f", "Zg=="},
                                                                {"fo", "Zm8="},
                                                                {"foo", "Zm9v"},
                                                                {"foob", "Zm9vYg=="},
                                                                {"fooba", "Zm9vYmE="},
                                                                {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) QCOMPARE(codec::encodeBase64(asBytes(plain)), coded);
}

void Base64Test::everyByteIsWritten() {
    Bytes all(256);
    for (size_t i = 0; i < all.size(); ++i) all[i] = uint8_t(i);
    const QByteArray reference(reinterpret_cast<const char*>(all.data()), int(all.size()));
    QCOMPARE(codec::encodeBase64(all), reference.toBase64().toStdString());
}

QTEST_APPLESS_MAIN(Base64Test)
#include "base64_test.moc"
