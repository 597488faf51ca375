namespace ChineseClip.Storage.Files;

internal enum ReadOutcome
{
    Record,
    End,
    Bad,
}
