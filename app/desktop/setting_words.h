#pragma once

#include "api/settings.h"

#include <QString>
#include <QStringList>

/// The settings table in words for people, in their language.
namespace wherry::desktop {

/// The groups as the page shows them, by the word before the dot of a key; what people look for first stands first.
QStringList settingGroups();
QString settingGroupTitle(const QString& group);

QString settingTitle(const api::SettingInfo& setting);
QString settingExplanation(const api::SettingInfo& setting);
/// What a setting takes: "1 to 10000".
QString settingAllowed(const api::SettingInfo& setting);
/// Of a setting with a few choices, in their order.
QStringList settingChoices(const api::SettingInfo& setting);
/// A value as people read it: the words of a choice, on or off, a text as it is.
QString settingValueText(const api::SettingInfo& setting, const std::string& value);
/// What is wrong with a value, from what changeSetting() says.
QString settingError(const api::SettingInfo& setting, const api::Error& error);
/// What is wrong with the settings file `path`, from what parseSettings() says of it: one sentence and the line.
QString settingsFileProblem(const std::string& path, const api::Error& error);

} // namespace wherry::desktop
