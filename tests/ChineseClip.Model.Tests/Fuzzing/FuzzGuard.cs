namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Ends the process, naming the input, when one is read for too long or memory grows beyond all bounds.</summary>
/// <remarks>
/// Time is counted in the guard's own wake-ups: a process that is paused, or a machine that is busy, does not look like a hang.
/// </remarks>
internal static class FuzzGuard
{
    private const int MaxWakeUps = 240;
    private const long MaxWorkingSetBytes = 4L << 30;
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(250);
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Watched, int> Inputs = [];
    private static Timer? _timer;

    public static long PeakWorkingSetBytes { get; private set; }

    public static IDisposable Watch(string target, string path)
    {
        var watched = new Watched(target, path);
        lock (Gate)
        {
            _timer ??= new Timer(_ => Look(), null, Rhythm, Rhythm);
            Inputs.Add(watched, 0);
        }

        return watched;
    }

    private static void Look()
    {
        long workingSet = Environment.WorkingSet;
        PeakWorkingSetBytes = Math.Max(PeakWorkingSetBytes, workingSet);
        lock (Gate)
        {
            foreach (Watched watched in Inputs.Keys.ToArray())
            {
                if (++Inputs[watched] > MaxWakeUps || workingSet > MaxWorkingSetBytes)
                {
                    string kept = Path.Combine(Path.GetTempPath(), $"chineseclip-fuzz-{watched.Target}-{Guid.NewGuid():N}.bin");
                    File.Copy(watched.Path, kept);
                    Environment.FailFast(
                        $"{watched.Target}: reading {kept} takes longer than {MaxWakeUps * Rhythm.TotalSeconds} s or more memory than {MaxWorkingSetBytes} bytes (there are {workingSet}).");
                }
            }
        }
    }

    private sealed class Watched(string target, string path) : IDisposable
    {
        public string Target => target;

        public string Path => path;

        public void Dispose()
        {
            lock (Gate)
            {
                Inputs.Remove(this);
            }
        }
    }
}
