"""What to tap, step by step, on iPadOS and Android, in Vietnamese and English.

The names of settings are those of iPadOS 17–26 and of Android 11–16 as Google ships it; makers of Android tablets move
them around, so the text says what to search for.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from server.guide.pictures import Dialog, Listing, Row, Screen

Language = Literal["vi", "en"]
NAME = "Họp Số"


class Step(msgspec.Struct, frozen=True):
    """One thing to do, and how the tablet looks just then. `link` is "profile", "certificate" or "open"."""

    words: str
    screen: Screen
    link: Literal["", "profile", "certificate", "open"] = ""


def ipad(language: Language) -> tuple[Step, ...]:
    """Six steps on an iPad, in Safari."""
    return IPAD_VI if language == "vi" else IPAD_EN


def android(language: Language) -> tuple[Step, ...]:
    """Five steps on an Android tablet, in Chrome."""
    return ANDROID_VI if language == "vi" else ANDROID_EN


SIDE_VI = ("Wi-Fi", "Bluetooth", "Cài đặt chung", "Trợ năng", "Màn hình", "Thông báo")
SIDE_EN = ("Wi-Fi", "Bluetooth", "General", "Accessibility", "Display", "Notifications")

IPAD_VI = (
    Step(
        "Mở trang này bằng Safari rồi chạm nút dưới đây. Khi được hỏi, chọn “Cho phép”.",
        Dialog("Safari", ("Tải về hồ sơ cấu hình?", "Trang này đang tải về một hồ sơ."), ("Bỏ qua", "Cho phép")),
        "profile",
    ),
    Step(
        "Mở Cài đặt. Ở đầu danh sách, chạm “Đã tải về hồ sơ”.",
        Listing(
            "Cài đặt",
            (Row("Đã tải về hồ sơ", tapped=True), Row("Wi-Fi"), Row("Bluetooth"), Row("Cài đặt chung")),
        ),
    ),
    Step(
        "Chạm “Cài đặt” ở góc trên bên phải, nhập mật mã của máy, rồi chạm “Cài đặt” lần nữa và “Xong”.",
        Listing(
            "Cài đặt hồ sơ",
            (Row(NAME, ""), Row("Chứa: Chứng nhận", ""), Row("Thêm chi tiết")),
            action="Cài đặt",
        ),
    ),
    Step(
        "Trong Cài đặt, mở “Cài đặt chung”, chạm “Giới thiệu”, kéo xuống cuối và mở “Cài đặt tin cậy chứng nhận”.",
        Listing(
            "Giới thiệu",
            (Row("Tên", ""), Row("Phiên bản iPadOS"), Row("Cài đặt tin cậy chứng nhận", tapped=True)),
            SIDE_VI,
            "Cài đặt chung",
        ),
    ),
    Step(
        f"Bật công tắc bên cạnh “{NAME}”, rồi chạm “Tiếp tục”.",
        Listing(
            "Cài đặt tin cậy chứng nhận",
            (Row(NAME, "on", tapped=True),),
            SIDE_VI,
            "Cài đặt chung",
        ),
    ),
    Step(
        f"Mở {NAME}. Chạm nút Chia sẻ, chọn “Thêm vào MH chính” để lần sau mở như một ứng dụng.",
        Listing("Chia sẻ", (Row("Sao chép", ""), Row("Thêm vào MH chính", "", tapped=True), Row("In", ""))),
        "open",
    ),
)

IPAD_EN = (
    Step(
        "Open this page in Safari and tap the button below. When asked, choose “Allow”.",
        Dialog("Safari", ("Download a profile?", "This website wants to download one."), ("Ignore", "Allow")),
        "profile",
    ),
    Step(
        "Open Settings. At the top of the list, tap “Profile Downloaded”.",
        Listing(
            "Settings",
            (Row("Profile Downloaded", tapped=True), Row("Wi-Fi"), Row("Bluetooth"), Row("General")),
        ),
    ),
    Step(
        "Tap “Install” at the top right, enter the iPad's passcode, tap “Install” once more and “Done”.",
        Listing(
            "Install Profile",
            (Row(NAME, ""), Row("Contains: Certificate", ""), Row("More Details")),
            action="Install",
        ),
    ),
    Step(
        "In Settings, open “General”, tap “About”, scroll to the end and open “Certificate Trust Settings”.",
        Listing(
            "About",
            (Row("Name", ""), Row("iPadOS Version"), Row("Certificate Trust Settings", tapped=True)),
            SIDE_EN,
            "General",
        ),
    ),
    Step(
        f"Turn on the switch beside “{NAME}” and tap “Continue”.",
        Listing("Certificate Trust Settings", (Row(NAME, "on", tapped=True),), SIDE_EN, "General"),
    ),
    Step(
        f"Open {NAME}. Tap Share and choose “Add to Home Screen”: next time it opens like an app.",
        Listing("Share", (Row("Copy", ""), Row("Add to Home Screen", "", tapped=True), Row("Print", ""))),
        "open",
    ),
)

ANDROID_VI = (
    Step(
        "Mở trang này bằng Chrome rồi chạm nút dưới đây để tải tệp “hopso-ca.crt”.",
        Dialog("Chrome", ("Tải tệp xuống?", "hopso-ca.crt"), ("Hủy", "Tải xuống")),
        "certificate",
    ),
    Step(
        "Mở Cài đặt, vào “Bảo mật”, rồi “Mã hóa và thông tin xác thực”. "
        "Nếu không thấy, gõ “chứng chỉ CA” vào ô tìm kiếm của Cài đặt.",
        Listing(
            "Bảo mật",
            (Row("Khóa màn hình"), Row("Tìm thiết bị"), Row("Mã hóa và thông tin xác thực", tapped=True)),
        ),
    ),
    Step(
        "Chạm “Cài đặt chứng chỉ”, rồi “Chứng chỉ CA”.",
        Listing(
            "Cài đặt chứng chỉ",
            (Row("Chứng chỉ CA", tapped=True), Row("Chứng chỉ người dùng VPN và ứng dụng"), Row("Chứng chỉ Wi-Fi")),
        ),
    ),
    Step(
        "Máy cảnh báo chung cho mọi chứng chỉ. Chạm “Vẫn cài đặt”, nhập mã PIN của máy, chọn tệp “hopso-ca.crt”. "
        "Chứng chỉ này chỉ có hiệu lực với máy chủ này và các địa chỉ trong mạng nội bộ.",
        Dialog("Cài đặt", ("Cài đặt chứng chỉ CA", "hopso-ca.crt"), ("Không cài đặt", "Vẫn cài đặt")),
    ),
    Step(
        f"Mở {NAME}. Trong trình đơn của Chrome, chọn “Thêm vào màn hình chính”.",
        Listing("Chrome", (Row("Thẻ mới", ""), Row("Thêm vào màn hình chính", "", tapped=True), Row("Cài đặt", ""))),
        "open",
    ),
)

ANDROID_EN = (
    Step(
        "Open this page in Chrome and tap the button below to download “hopso-ca.crt”.",
        Dialog("Chrome", ("Download file?", "hopso-ca.crt"), ("Cancel", "Download")),
        "certificate",
    ),
    Step(
        "Open Settings, then “Security”, then “Encryption & credentials”. "
        "If it is not there, type “CA certificate” into the search of Settings.",
        Listing(
            "Security",
            (Row("Screen lock"), Row("Find My Device"), Row("Encryption & credentials", tapped=True)),
        ),
    ),
    Step(
        "Tap “Install a certificate”, then “CA certificate”.",
        Listing(
            "Install a certificate",
            (Row("CA certificate", tapped=True), Row("VPN & app user certificate"), Row("Wi-Fi certificate")),
        ),
    ),
    Step(
        "The tablet warns as it does of any certificate. Tap “Install anyway”, enter its PIN, choose “hopso-ca.crt”. "
        "This certificate counts for this server and addresses of local networks only.",
        Dialog("Settings", ("Install CA certificate", "hopso-ca.crt"), ("Don't install", "Install anyway")),
    ),
    Step(
        f"Open {NAME}. In Chrome's menu choose “Add to Home screen”.",
        Listing("Chrome", (Row("New tab", ""), Row("Add to Home screen", "", tapped=True), Row("Settings", ""))),
        "open",
    ),
)
