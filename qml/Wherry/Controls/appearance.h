// What QML cannot find out by itself: whether the system is dark, and the bundled typeface.
//
// Qt 6.4 has no QStyleHints::colorScheme (6.5), so darkness is read from the application's palette and read again
// whenever that changes.
#pragma once

#include <QtQml/qqmlregistration.h>

#include <QObject>
#include <QString>

namespace wherry::controls {

class Appearance : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(bool dark READ dark NOTIFY darkChanged)
    Q_PROPERTY(QString family READ family CONSTANT)

  public:
    explicit Appearance(QObject* parent = nullptr);

    /// True where the system's windows are darker than the text in them.
    bool dark() const { return m_dark; }
    /// Name of the bundled family, or the application's own where the fonts could not be loaded.
    QString family() const { return m_family; }

  signals:
    void darkChanged();

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void readPalette();

    bool m_dark = false;
    QString m_family;
};

} // namespace wherry::controls
