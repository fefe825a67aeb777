"""Why a file can't be looked through for codes, in words: what was found, and what to do now."""

from __future__ import annotations

from claims.errors import Bilingual, InputError

_SHOWN = 40
_KINDS = Bilingual(
    "请用 PDF，或 JPEG、PNG、WebP 图片；iPhone 的 HEIC 照片请在“设置-相机-格式”选“兼容性最佳”后重拍。",
    "Use a PDF or a JPEG, PNG or WebP picture; on an iPhone choose Settings, Camera, Formats, Most Compatible and take it again.",
)
_AGAIN = Bilingual("请重新复制，或对着纸面重拍一张。", "Copy it again, or photograph the paper.")


def empty(filename: str) -> InputError:
    """Nothing in it."""
    name = _shown(filename)
    return InputError("file_empty", Bilingual(f"“{name}”是空文件。", f'"{name}" is empty.'), _AGAIN)


def too_large(filename: str, size_bytes: int, limit_bytes: int) -> InputError:
    """More bytes than a photo or a paper has."""
    name, size, limit = _shown(filename), size_bytes / 1_000_000, limit_bytes // 1_000_000
    return InputError(
        "file_too_large",
        Bilingual(
            f"“{name}”大小 {size:.1f} MB，超过上限 {limit} MB。",
            f'"{name}" is {size:.1f} MB, above the limit of {limit} MB.',
        ),
        Bilingual("请用普通照片模式重拍二维码部分。", "Photograph the code again in the normal photo mode."),
    )


def too_many_pixels(filename: str, limit_pixels: int) -> InputError:
    """A picture that would fill the memory."""
    name, limit = _shown(filename), limit_pixels // 1_000_000
    return InputError(
        "picture_too_large",
        Bilingual(
            f"“{name}”的像素超过 {limit} 百万，打开它会占满内存。",
            f'"{name}" has more than {limit} million pixels; opening it would fill the memory.',
        ),
        Bilingual("请用普通照片模式重拍。", "Take it again in the normal photo mode."),
    )


def too_many_pages(filename: str, pages: int, limit: int) -> InputError:
    """A PDF that is no voucher."""
    name = _shown(filename)
    return InputError(
        "too_many_pages",
        Bilingual(
            f"“{name}”有 {pages} 页，超过上限 {limit} 页。", f'"{name}" has {pages} pages, above the limit of {limit}.'
        ),
        Bilingual("请只选凭证所在的文件或页。", "Choose the voucher's own file or pages only."),
    )


def locked(filename: str) -> InputError:
    """A PDF that asks for a password."""
    name = _shown(filename)
    return InputError(
        "file_locked",
        Bilingual(f"“{name}”设有打开密码，无法核验。", f'"{name}" asks for a password and can\'t be checked.'),
        Bilingual(
            "请提供者去掉密码后重发，或对着纸面拍照核验。",
            "Have the password removed, or photograph the paper and check that.",
        ),
    )


def damaged(filename: str) -> InputError:
    """A file that can't be read to its end."""
    name = _shown(filename)
    return InputError(
        "file_damaged",
        Bilingual(f"“{name}”不完整或已损坏，无法打开。", f'"{name}" is incomplete or damaged and can\'t be opened.'),
        _AGAIN,
    )


def other_kind(filename: str) -> InputError:
    """Neither a PDF nor a picture that can be read."""
    name = _shown(filename)
    return InputError(
        "file_kind",
        Bilingual(f"“{name}”不是能核验的 PDF 或图片。", f'"{name}" is no PDF or picture that can be checked.'),
        _KINDS,
    )


def _shown(filename: str) -> str:
    """Return the bare name, shortened, without control characters."""
    bare = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(each for each in bare if each.isprintable()) or "文件"
    return name if len(name) <= _SHOWN else name[: _SHOWN - 14] + "…" + name[-13:]
