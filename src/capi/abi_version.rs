/// The version of this interface. It is the number at the end of the library's file name and
/// rises when a program that was compiled against an older header would break.
pub const MOV_ABI_VERSION: i32 = 1;
