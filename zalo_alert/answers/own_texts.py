"""What the tool itself says to citizens, in Vietnamese whatever the office's language is. Data.

What only the tool knows stands in braces; a citizen's words never do.
"""

STOPPED = (
    "Bạn sẽ không nhận tin nhắn của chúng tôi nữa, kể cả cảnh báo thiên tai. Muốn nhận lại, chạm nút bên dưới hoặc nhắn: MO LAI"
)
RESUMED = "Bạn nhận tin nhắn của chúng tôi, kể cả cảnh báo thiên tai. Muốn ngừng nhận, nhắn: STOP"
MAYBE_STOP = "Bạn muốn ngừng nhận tin nhắn của chúng tôi, kể cả cảnh báo thiên tai?"
AGAIN_BUTTON = "Nhận lại tin"
STOP_BUTTON = "Ngừng nhận tin"
KEEP_BUTTON = "Vẫn nhận tin"

HELP = (
    "Bạn cứ nhắn câu hỏi bằng lời thường.{topics}\n"
    "Gặp cán bộ: nhắn NGUOI\n"
    "Kiểm tra một tin cảnh báo có thật không: nhắn KIEM TRA và mã tin\n"
    "Yêu cầu về dữ liệu của mình: nhắn XOA DU LIEU\n"
    "Ngừng nhận tin: nhắn STOP"
)
TOPICS = " Chúng tôi trả lời ngay về: {topics}{more}."
MORE_TOPICS = " và {more} việc khác"
PERSON_BUTTON = "Gặp cán bộ"
EXPIRED = "Mục này đã hết hạn.\n"

PERSON_IN_HOURS = "Đã chuyển lời bạn tới cán bộ, mã {no}. Cán bộ trả lời trong {wait}, ngay tại đây."
PERSON_LATER = "Đã ghi lời bạn cho cán bộ, mã {no}. Cơ quan mở lại lúc {opens}; cán bộ trả lời từ lúc đó, ngay tại đây."
ANONYMOUS_PERSON = "Để gặp cán bộ, mời bạn bấm Quan tâm rồi nhắn lại: khi đó cán bộ mới trả lời được bạn."

FORGET = (
    "Đã ghi nhận yêu cầu về dữ liệu của bạn, mã {no}. "
    "Chúng tôi trả lời chậm nhất ngày {due}, thực hiện chậm nhất ngày {done}. Cán bộ sẽ hỏi bạn tại đây trước khi xóa."
)
ANONYMOUS_FORGET = (
    "Chúng tôi không biết bạn là ai nên không tìm được dữ liệu của bạn. Mời bạn nhắn lại từ tài khoản Zalo đã quan tâm."
)

SEVERAL = "Bạn muốn hỏi về việc nào?"
SUGGEST = "Ý bạn là “{phrase}”?"
NEITHER_BUTTON = "Việc khác"

CHECK_NONE = (
    "Không có bản tin nào của chúng tôi mang mã {code}. Đừng chia sẻ tin này. "
    "Hãy so lại mã trong tin, hoặc nhắn NGUOI để hỏi cán bộ."
)
CHECK_REAL = "CÓ THẬT. Mã {code}: {headline}. Nơi: {where}. Chúng tôi phát lúc {since}, hiệu lực đến {until}."
CHECK_STOPPED = (
    "Mã {code}: {headline}. Nơi: {where}. Chúng tôi đã phát lúc {since} và dừng gửi sau đó; hiệu lực ghi trong tin: đến {until}."
)
CHECK_EXPIRED = "Mã {code}: {headline}. Chúng tôi phát lúc {since}; bản tin đã hết hiệu lực từ {until}."
CHECK_ALL_CLEAR = "Mã {code}: {headline}. Chúng tôi phát lúc {since}; nguy hiểm đã qua, chúng tôi đã báo lúc {ended}."
CHECK_CORRECTED = (
    "Mã {code}: chúng tôi phát lúc {since}, nhưng bản tin KHÔNG ĐÚNG và đã được đính chính lúc {ended}. Đừng chia sẻ."
)
CHECK_DRILL = "Mã {code} là tin DIỄN TẬP hoặc THỬ NGHIỆM, chúng tôi phát lúc {since}. Không có nguy hiểm thật."
CHECK_UNREADABLE = "Lúc này chưa kiểm tra được mã {code}. Mời bạn nhắn lại sau ít phút, và đừng chia sẻ tin khi chưa chắc."

WAIT_UNKNOWN = "giờ làm việc hôm nay"  # after "trong"
