"""Six words that stand for a digest, for two people to compare over a telephone; knows nothing of what was digested.

The words are Vietnamese, written without accents so that any telephone and any font shows them. None sounds like another where
North or South makes one sound of two (tr and ch, s and x, l and n, d and gi and v and r; a final n and ng, t and c), none looks
like another in letters that are easily taken for each other, and none alarms: no number, no hazard, nothing to be told to do.
"""

_TABLE = """
an ao bai bap ben beo bi biec binh bo bong bot bua buoc bup but can cao cat cham chanh chen cheo chep chi chia
chieu chip chot chua chuan chum chuoi chuong chuyen coc coi com cop cua cui cung cuoc cuon cup da dep deu dia diem
dieu dip du duc ech gach gan gao ghe ghi giap goc goi gom gop gung guoc guong ham hanh hat hau he hien hoa hoc hoi
hop hum hung huong huou kem keo kep ket khac khai kham khe khen kheo khieu khoa khoai khop khuc khuon khuy khuyen
kieu kinh lac lan le leu lich liem linh loa lop lung luoc luoi luon luu ly mam map may me meo met mi mia mien minh
moi mon mui mung muong muop nai nem nep nga ngam ngao nghe nghi nghia nghieu ngoai ngoan ngoc ngoi ngon ngua nguoi
nhac nhap nhay nhen nhim nhip nho nhom nhong nhua nhung nhuom nhuy nieu nut ong pha phep phia phich phien phim
phoi phong phu phuc quan quat quay que quyen quyet quyt ram rang rau reo ro ruou sach sao sen sieu sinh soc soi
som sua suong sup ta tach tau tay ten tep tet thai than thap the thi thiep thit thoa thom thong thung thuoc thuyen
tia tim toan toc tom tre trong truc trung tui tuong tuyet vai ve vi vien viet vong vot vui vung vuon xa xanh xay
xem xeo xi xich xiec xiem xoai xop xu xuan yen
"""
WORDS: tuple[str, ...] = tuple(
    _TABLE.split()
)  # 256, one for each value of a byte; the order is part of the meaning and never changes

COUNT = 6  # 48 bits: who wants another text with the same words has to try 10^14 of them


def six_words(digest: str) -> str:
    """Return the words of a digest, one for each of its first six bytes.

    Args:
        digest: Hexadecimal, as of SHA-256; at least twelve digits.

    Returns:
        Six words with a blank between: "deu quan som guoc nhay xop". A byte that comes twice gives its word twice.

    Raises:
        ValueError: Those are not hexadecimal digits, or fewer than twelve.
    """
    first = bytes.fromhex(digest[: 2 * COUNT])
    if len(first) < COUNT:
        raise ValueError(f"a digest of {len(first)} bytes has no six words")
    return " ".join(WORDS[byte] for byte in first)
