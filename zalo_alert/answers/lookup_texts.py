"""What look-ups themselves say to citizens, in Vietnamese whatever the office's language is. Data."""

NOT_OPEN = "Kết quả mở tra cứu lúc {opens}. Mời bạn nhắn lại từ lúc đó."
REMEMBER_FROM = "Kết quả mở tra cứu lúc {opens}. Từ {from_} bạn có thể nhắn trước, chúng tôi trả lời ngay khi mở."
REMEMBERED = (
    "Đã ghi yêu cầu của bạn. Kết quả mở tra cứu lúc {opens}; chúng tôi trả lời lần lượt theo thứ tự nhận, bạn không cần nhắn lại."
)
CLOSED = "Thời gian tra cứu đã hết."
PAUSED = "Bạn đã tra nhiều lần không có kết quả. Mời thử lại sau {until}."
TOO_MANY = "Hôm nay bạn đã tra đủ {most} trường hợp. Mời bạn tra tiếp vào ngày mai."
TROUBLE = "Việc tra cứu đang tạm ngừng. Mời bạn thử lại sau ít phút."
ODD_KEY = "Chưa đúng dạng. {prompt}"
STOPPED = "Đã dừng tra cứu."
STOP_WORDS = frozenset(("thoi", "huy", "thoat", "bo qua", "dung", "khong tra nua"))  # folded; only inside a step
