using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace ChineseClip.Model.Tests.Fuzzing;

/// <summary>Attacks one reader with damaged inputs, from one seed.</summary>
/// <remarks>
/// An input that makes the reader answer in a way not seen before is damaged further in its turn; that stands in for coverage.
/// A refusal is told by the place that it comes from and the beginning of its message. Threads: one.
/// </remarks>
internal sealed class FuzzRun : IDisposable
{
    private const int MaxPool = 400;
    private const int AllowedBytesForEach = 64;
    private const int MaxFindings = 20;
    private const int FramesTold = 4;
    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly TemporaryDirectory _directory = new();
    private readonly List<byte[]> _pool;
    private readonly HashSet<string> _answers = new(StringComparer.Ordinal);

    public FuzzRun(FuzzTarget target, int seed)
    {
        _target = target;
        _random = new Random(seed);
        _pool = [.. target.Seeds()];
        Path = _directory[target.FileName];
    }

    /// <summary>The file that holds the input being read, so that it is there when the process dies of it.</summary>
    public string Path { get; }

    public long Count { get; private set; }

    public int AnswerCount => _answers.Count;

    public List<string> Findings { get; } = [];

    /// <summary>Where inputs with new answers go; null: nowhere.</summary>
    public string? CorpusDirectory { get; init; }

    /// <summary>Where inputs that the reader failed on go.</summary>
    public required string FindingDirectory { get; init; }

    public void Seeds()
    {
        foreach (byte[] input in _pool.ToArray())
        {
            Try(input);
        }
    }

    public void Step()
    {
        // The smaller of two: what small inputs reach is reached sooner.
        byte[] input = _pool[_random.Next(_pool.Count)];
        byte[] other = _pool[_random.Next(_pool.Count)];
        input = other.Length < input.Length ? other : input;
        int depth = 1 + _random.Next(3);
        for (int i = 0; i < depth; i++)
        {
            input = _target.Mutate(input, _random);
        }

        string? answer = Try(input);
        if (answer is not null && _answers.Add(answer) && _pool.Count < MaxPool)
        {
            _pool.Add(input);
            Keep(input);
        }
    }

    /// <summary>Reads one input; null where that failed as it must not.</summary>
    public string? Try(byte[] input)
    {
        Count++;
        InputFile.Write(Path, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string answer;
        using (FuzzGuard.Watch(_target.Name, Path))
        {
            answer = Read(input);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long most = _target.AllowedBytes + ((long)AllowedBytesForEach * input.Length);
        if (allocated > most)
        {
            answer = string.Create(CultureInfo.InvariantCulture, $"! allocated {allocated} bytes; at most {most} are allowed");
        }

        if (answer[0] != '!')
        {
            return answer;
        }

        if (Findings.Count < MaxFindings)
        {
            Directory.CreateDirectory(FindingDirectory);
            string kept = System.IO.Path.Combine(FindingDirectory, $"{_target.Name}-{Name(input)}.bin");
            File.WriteAllBytes(kept, input);
            Findings.Add($"{_target.Name}: {answer[2..]} (input kept as {kept})");
        }

        return null;
    }

    public void Dispose() => _directory.Dispose();

    private string Read(byte[] input)
    {
        try
        {
            _target.Read(input, Path);
            return "read";
        }
        catch (Exception exception) when (_target.IsRefusal(exception))
        {
            string from = string.Join(" < ", new StackTrace(exception).GetFrames().Take(FramesTold).Select(f => f.GetMethod()?.Name));
            string message = exception.Message.Replace(System.IO.Path.GetDirectoryName(Path)!, "", StringComparison.Ordinal);
            string words = string.Concat(message.TakeWhile(c => c is not ('"' or '\'' or '[' or '{' or '(') && !char.IsAsciiDigit(c)));
            return $"{from}: {words}";
        }
        catch (Exception exception)
        {
            return $"! {exception}";
        }
    }

    private void Keep(byte[] input)
    {
        if (CorpusDirectory is not null)
        {
            string folder = System.IO.Path.Combine(CorpusDirectory, _target.Name);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(System.IO.Path.Combine(folder, Name(input) + ".bin"), input);
        }
    }

    private static string Name(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];
}
