"""Why a file is not taken in, in words: what was found, and what the adjuster can do about it now.

Promise: every refusal names the file, its cause and a next step in both languages. Nothing was stored when one is raised.
"""

from __future__ import annotations

from claims.errors import Bilingual, InputError
from evidence.kinds import Kind

_NAME_SHOWN = 40
_ACCEPTED_ZH = "可收：JPEG、PNG、WebP 图片，PDF、OFD、XML 电子票据。"
_ACCEPTED_EN = "Accepted: JPEG, PNG, WebP pictures; PDF, OFD, XML e-bills."

_WAY_OUT: dict[Kind, Bilingual] = {
    Kind.HEIC: Bilingual(
        "请在手机“设置-相机-格式”选“兼容性最佳”后重拍，或用本机直接拍摄。",
        "On the phone choose Settings, Camera, Formats, Most Compatible and take it again, or take it with this laptop.",
    ),
    Kind.OFFICE: Bilingual("请打开后另存为 PDF 再添加。", "Open it, save it as PDF and add that."),
    Kind.ARCHIVE: Bilingual("请解压后逐个添加里面的文件。", "Unpack it and add the files one by one."),
    Kind.VIDEO: Bilingual(
        "视频不能作为理赔资料；请截取或重拍照片。", "A video can't be taken in; take a photo instead."
    ),
    Kind.PROGRAM: Bilingual(
        "请勿打开；向提供者索取原始票据或照片。", "Don't open it. Ask for the original bill or a photo."
    ),
    Kind.HTML: Bilingual(
        "多半是下载没有成功或需要登录的页面；请重新下载票据文件。",
        "Most likely a failed download or a login page; download the bill again.",
    ),
}


def empty(filename: str) -> InputError:
    """Nothing in it, or nothing but zeros."""
    return InputError(
        "file_empty",
        Bilingual(f"{shown(filename)} 是空文件，没有内容。", f"{shown(filename)} is empty."),
        Bilingual(
            "可能传输中断或存储卡有故障；请重新复制，或重拍原件。",
            "A copy may have been cut off, or the card is failing; copy it again or photograph the original.",
        ),
    )


def too_large(filename: str, size_bytes: int, limit_bytes: int) -> InputError:
    """More bytes than are carried over a bad line."""
    return InputError(
        "file_too_large",
        Bilingual(
            f"{shown(filename)} 大小 {size_bytes / 1_000_000:.1f} MB，超过上限 {limit_bytes / 1_000_000:.0f} MB。",
            f"{shown(filename)} is {size_bytes / 1_000_000:.1f} MB, above the limit of {limit_bytes / 1_000_000:.0f} MB.",
        ),
        Bilingual(
            "请用较低分辨率重拍，或把 PDF 分开后逐个添加。", "Take it again at a lower resolution, or split the PDF."
        ),
    )


def too_many_pixels(filename: str, limit_pixels: int) -> InputError:
    """A picture that would fill the memory when opened."""
    return InputError(
        "picture_too_large",
        Bilingual(
            f"{shown(filename)} 的像素超过上限 {limit_pixels // 1_000_000} 百万，打开它会占满内存。",
            f"{shown(filename)} has more than {limit_pixels // 1_000_000} million pixels; opening it would fill the memory.",
        ),
        Bilingual(
            "请用普通照片模式（不用高像素模式）重拍。",
            "Take it again in the normal photo mode, not the high-resolution one.",
        ),
    )


def truncated(filename: str, kind: Kind) -> InputError:
    """The beginning is right and the end is missing."""
    return InputError(
        "file_truncated",
        Bilingual(
            f"{shown(filename)} 是{kind.value.zh}，但不完整，后面部分缺失。",
            f"{shown(filename)} is a {kind.value.en} but incomplete: its end is missing.",
        ),
        Bilingual(
            "多为复制或下载中断；请重新复制、下载，或重拍原件。",
            "Usually a copy or download was cut off; do it again, or photograph the original.",
        ),
    )


def damaged(filename: str, kind: Kind) -> InputError:
    """All there, and not readable."""
    return InputError(
        "file_damaged",
        Bilingual(
            f"{shown(filename)} 是{kind.value.zh}，但内容已损坏，无法读出。",
            f"{shown(filename)} is a {kind.value.en} but damaged; it can't be read.",
        ),
        Bilingual("请向提供者重新索取，或重拍原件。", "Ask for it again, or photograph the original."),
    )


def mislabelled(filename: str, said: Kind, found: Kind) -> InputError:
    """The name says one thing, the content is another."""
    way = _WAY_OUT.get(found) if found not in _HARMLESS else None
    usual = found.value.endings[0] if found.value.endings else ""
    return InputError(
        "file_mislabelled",
        Bilingual(
            f"{shown(filename)} 的名称说是{said.value.zh}，内容却是{found.value.zh}。",
            f"{shown(filename)} is named as a {said.value.en}, but its content is a {found.value.en}.",
        ),
        way
        or Bilingual(
            f"请打开核对是不是要交的那份；确认后把文件名结尾改为 .{usual} 再添加。",
            f"Open it and check that it is the right paper; then rename it to end in .{usual} and add it again.",
        ),
    )


def unrecognised(filename: str, said: Kind) -> InputError:
    """The name says a kind that is taken in; the content says nothing."""
    return InputError(
        "file_damaged",
        Bilingual(
            f"{shown(filename)} 的名称说是{said.value.zh}，但内容无法识别，多半已损坏。",
            f"{shown(filename)} is named as a {said.value.en}, but its content can't be recognised; it is most likely damaged.",
        ),
        Bilingual("请重新复制或下载，或重拍原件。", "Copy or download it again, or photograph the original."),
    )


def not_accepted(filename: str, found: Kind) -> InputError:
    """A kind that is not taken in."""
    way = _WAY_OUT.get(found, Bilingual("请改用图片或 PDF。", "Use a picture or a PDF instead."))
    return InputError(
        "file_kind_not_accepted",
        Bilingual(
            f"{shown(filename)} 是{found.value.zh}，不能收。{_ACCEPTED_ZH}",
            f"{shown(filename)} is a {found.value.en} and can't be taken in. {_ACCEPTED_EN}",
        ),
        way,
    )


def not_an_ebill(filename: str) -> InputError:
    """XML, but no medical e-bill."""
    return InputError(
        "xml_not_an_ebill",
        Bilingual(
            f"{shown(filename)} 是 XML 文件，但不是医疗收费电子票据。",
            f"{shown(filename)} is XML but not a medical e-bill.",
        ),
        Bilingual(
            "请向医院索取电子票据的 XML、PDF 或 OFD 文件。", "Ask the hospital for the e-bill as XML, PDF or OFD."
        ),
    )


def shown(filename: str) -> str:
    """Return the bare name in quotes, shortened in the middle, without control characters, so that a sentence stays a sentence."""
    name = (
        "".join(character for character in filename.replace("\\", "/").rpartition("/")[2] if character.isprintable())
        or "文件"
    )
    if len(name) > _NAME_SHOWN:
        name = f"{name[: _NAME_SHOWN - 14]}…{name[-13:]}"
    return f"「{name}」"


_HARMLESS = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.PDF, Kind.OFD, Kind.XML})
